package io.millrace.cdc.binlog;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a server is asked. */
public final class Query {
  private Query() {}

  /** The first column of the first row; empty when there is none, or it is null. */
  public static String text(Connection connection, String sql) throws SQLException {
    List<String> column = column(connection, sql);
    return column.isEmpty() ? "" : column.getFirst();
  }

  /** The first column of every row; empty where it is null. */
  public static List<String> column(Connection connection, String sql) throws SQLException {
    List<String> column = new ArrayList<>();
    try (Statement query = connection.createStatement();
        ResultSet rows = query.executeQuery(sql)) {
      while (rows.next()) {
        String value = rows.getString(1);
        column.add(value == null ? "" : value);
      }
    }
    return column;
  }

  /** The server's variables, by their names in lower case: those of {@code names} that it has. */
  public static Map<String, String> variables(Connection connection, String... names)
      throws SQLException {
    String list = Stream.of(names).collect(Collectors.joining("', '", "'", "'"));
    Map<String, String> variables = new LinkedHashMap<>();
    try (Statement query = connection.createStatement();
        ResultSet rows =
            query.executeQuery(
                "SHOW GLOBAL VARIABLES WHERE Variable_name IN (%s)".formatted(list))) {
      while (rows.next()) {
        variables.put(rows.getString(1).toLowerCase(Locale.ROOT), rows.getString(2));
      }
    }
    return variables;
  }
}

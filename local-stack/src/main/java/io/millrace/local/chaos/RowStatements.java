package io.millrace.local.chaos;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Changes rows of a random table, each named by the number of its key; gives how many it changed.
 */
final class RowStatements {
  private final Connection connection;
  private final RandomTable table;
  private final List<MovingColumn> moving;

  /**
   * Statements on a table.
   *
   * @param moving its columns beyond those that it always has
   */
  RowStatements(Connection connection, RandomTable table, List<MovingColumn> moving) {
    this.connection = connection;
    this.table = table;
    this.moving = moving;
  }

  private List<String> otherColumns() {
    List<String> columns = table.otherColumns();
    moving.forEach(column -> columns.add(column.name()));
    return columns;
  }

  private List<String> otherTypes() {
    List<String> types = table.otherTypes();
    moving.forEach(column -> types.add(column.sql()));
    return types;
  }

  private List<@Nullable String> otherValues(RandomGenerator random) {
    List<@Nullable String> values = table.otherValues(random);
    moving.forEach(column -> values.add(column.value(random)));
    return values;
  }

  /** Inserts the row unless it is there. */
  long insert(long number, RandomGenerator random) throws SQLException {
    List<String> columns = new ArrayList<>(table.keyColumns());
    columns.addAll(otherColumns());
    List<String> types = new ArrayList<>(table.key().stream().map(ValueType::sql).toList());
    types.addAll(otherTypes());
    List<@Nullable String> values = new ArrayList<>(table.keyValues(number));
    values.addAll(otherValues(random));
    return execute(
        "INSERT INTO %s (%s) VALUES (%s) ON CONFLICT DO NOTHING"
            .formatted(
                table.name(),
                String.join(", ", columns),
                types.stream().map(RowStatements::parameter).collect(Collectors.joining(", "))),
        values);
  }

  /** Inserts a row that equals one that is there, if there is any. */
  long repeat() throws SQLException {
    return execute(
        "INSERT INTO %1$s SELECT * FROM %1$s LIMIT 1".formatted(table.name()), List.of());
  }

  /** Updates some columns of the row. */
  long update(long number, RandomGenerator random) throws SQLException {
    List<String> columns = otherColumns();
    List<String> types = otherTypes();
    List<@Nullable String> all = otherValues(random);
    List<String> assignments = new ArrayList<>();
    List<@Nullable String> values = new ArrayList<>();
    int certain = random.nextInt(columns.size());
    for (int i = 0; i < columns.size(); i++) {
      if (i == certain || random.nextInt(3) == 0) {
        assignments.add(columns.get(i) + " = " + parameter(types.get(i)));
        values.add(all.get(i));
      }
    }
    values.addAll(table.keyValues(number));
    return execute(
        "UPDATE %s SET %s WHERE %s"
            .formatted(table.name(), String.join(", ", assignments), isKey()),
        values);
  }

  /** Gives the row another key, unless that is taken. */
  long move(long number, long to) throws SQLException {
    List<@Nullable String> values = new ArrayList<>(table.keyValues(to));
    values.addAll(table.keyValues(number));
    return execute(
        "UPDATE %s SET %s WHERE %s"
            .formatted(table.name(), String.join(", ", keyEquals()), isKey()),
        values);
  }

  /** Deletes the row. */
  long delete(long number) throws SQLException {
    return execute(
        "DELETE FROM %s WHERE %s".formatted(table.name(), isKey()),
        new ArrayList<>(table.keyValues(number)));
  }

  /** Updates every row. */
  long updateAll() throws SQLException {
    return execute("UPDATE %s SET c1 = -c1".formatted(table.name()), List.of());
  }

  /** Deletes every row without naming one. */
  long truncate() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet count = statement.executeQuery("SELECT count(*) FROM " + table.name())) {
      count.next();
      long rows = count.getLong(1);
      execute("TRUNCATE " + table.name(), List.of());
      return rows;
    }
  }

  private String isKey() {
    return String.join(" AND ", keyEquals());
  }

  private List<String> keyEquals() {
    List<String> columns = table.keyColumns();
    return IntStream.range(0, columns.size())
        .mapToObj(i -> columns.get(i) + " = " + parameter(table.key().get(i).sql()))
        .toList();
  }

  private static String parameter(String type) {
    return "CAST(? AS " + type + ")";
  }

  private long execute(String sql, List<@Nullable String> values) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.size(); i++) {
        statement.setString(i + 1, values.get(i));
      }
      return statement.executeUpdate();
    }
  }
}

package io.millrace.local.lake;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Compares two relations in DuckDB as multisets: whole rows, duplicates counted, nulls equal.
 *
 * @param columns of both
 * @param key columns by which a differing row is named
 */
record Comparison(DuckSession session, List<DuckColumn> columns, List<String> key) {
  private static final int FIRST = 5;

  /** What differs: how many keys, and what is wrong with the first of them. */
  record Result(long keys, List<String> first) {}

  /**
   * Compares.
   *
   * @param source SQL of a relation with the columns
   * @param lake SQL of another
   */
  Result of(String source, String lake) throws SQLException {
    String names = columns.stream().map(DuckColumn::quoted).collect(Collectors.joining(", "));
    session.execute("DROP TABLE IF EXISTS difference");
    session.execute(
        """
        CREATE TABLE difference AS
        SELECT %1$s, sum(side)::BIGINT AS "_side"
        FROM (SELECT %1$s, 1 AS side FROM %2$s UNION ALL SELECT %1$s, -1 FROM %3$s)
        GROUP BY %1$s HAVING sum(side) <> 0
        """
            .formatted(names, source, lake));
    String keys = key.stream().map(DuckColumn::quoted).collect(Collectors.joining(", "));
    try (Statement statement = session.connection().createStatement()) {
      long count;
      try (ResultSet row =
          statement.executeQuery(
              "SELECT count(*) FROM (SELECT DISTINCT %s FROM difference)".formatted(keys))) {
        row.next();
        count = row.getLong(1);
      }
      return new Result(count, count == 0 ? List.of() : first(statement, keys));
    }
  }

  private List<String> first(Statement statement, String keys) throws SQLException {
    List<DuckColumn> others =
        columns.stream().filter(column -> !key.contains(column.name())).toList();
    String varies =
        others.stream().map(column -> ", " + varies(column.quoted())).collect(Collectors.joining());
    List<String> first = new ArrayList<>();
    try (ResultSet row =
        statement.executeQuery(
            """
            SELECT %1$s, sum(greatest("_side", 0))::BIGINT, sum(greatest(-"_side", 0))::BIGINT %2$s
            FROM difference GROUP BY %1$s ORDER BY %1$s LIMIT %3$d
            """
                .formatted(keys, varies, FIRST))) {
      while (row.next()) {
        first.add(keyText(row) + ": " + problem(row, others));
      }
    }
    return first;
  }

  /** Whether a column has more than one value among the rows of a key, null being one. */
  private static String varies(String column) {
    return "(count(DISTINCT %1$s) + (count(%1$s) < count(*))::INT) > 1".formatted(column);
  }

  private String keyText(ResultSet row) throws SQLException {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < key.size(); i++) {
      parts.add(key.get(i) + "=" + CellText.of(row.getObject(i + 1)));
    }
    return String.join(", ", parts);
  }

  private String problem(ResultSet row, List<DuckColumn> others) throws SQLException {
    long onlyInSource = row.getLong(key.size() + 1);
    long onlyInLake = row.getLong(key.size() + 2);
    if (onlyInLake == 0) {
      return onlyInSource == 1 ? "missing in the lake" : onlyInSource + " rows missing in the lake";
    }
    if (onlyInSource == 0) {
      return onlyInLake == 1
          ? "in the lake, not in the source (or once too often)"
          : onlyInLake + " rows too many in the lake";
    }
    List<String> varying = new ArrayList<>();
    for (int i = 0; i < others.size(); i++) {
      if (row.getBoolean(key.size() + 3 + i)) {
        varying.add(others.get(i).name());
      }
    }
    return "differs in " + String.join(", ", varying);
  }
}

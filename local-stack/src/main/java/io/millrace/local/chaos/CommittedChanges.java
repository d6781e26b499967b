package io.millrace.local.chaos;

import io.millrace.local.lake.LakeQuery;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts the changes that the database committed, by triggers in the very transactions, to be
 * compared with the changes in the lake. A changed primary key is a delete and an insert; TRUNCATE
 * is a delete of every row. Rows that are read again because a table was altered are no changes.
 */
final class CommittedChanges {
  private CommittedChanges() {}

  /** The statements that begin to count. */
  static List<String> ddl(List<RandomTable> tables) {
    List<String> statements = new ArrayList<>();
    for (RandomTable table : tables) {
      String counts = counts(table);
      statements.add("CREATE TABLE " + counts + " (op char(1) NOT NULL)");
      statements.add(
          """
          CREATE FUNCTION count_%1$s() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN
            IF TG_OP = 'INSERT' THEN
              INSERT INTO %2$s VALUES ('c');
            ELSIF TG_OP = 'DELETE' THEN
              INSERT INTO %2$s VALUES ('d');
            ELSIF TG_OP = 'TRUNCATE' THEN
              INSERT INTO %2$s SELECT 'd' FROM %1$s;
            ELSIF (%3$s) THEN
              INSERT INTO %2$s VALUES ('d'), ('c');
            ELSE
              INSERT INTO %2$s VALUES ('u');
            END IF;
            RETURN NULL;
          END $$\
          """
              .formatted(table.name(), counts, keyChanges(table)));
      statements.add(
          """
          CREATE TRIGGER count AFTER INSERT OR UPDATE OR DELETE ON %s
          FOR EACH ROW EXECUTE FUNCTION count_%s()\
          """
              .formatted(table.name(), table.name()));
      statements.add(
          """
          CREATE TRIGGER count_all BEFORE TRUNCATE ON %s
          FOR EACH STATEMENT EXECUTE FUNCTION count_%s()\
          """
              .formatted(table.name(), table.name()));
    }
    return statements;
  }

  private static String counts(RandomTable table) {
    return "changes_of_" + table.name();
  }

  private static String keyChanges(RandomTable table) {
    List<String> changes = new ArrayList<>(List.of("false"));
    table.keyColumns().forEach(key -> changes.add("OLD.%s <> NEW.%s".formatted(key, key)));
    return String.join(" OR ", changes);
  }

  /**
   * Compares them with the lake's.
   *
   * @return a line for each table whose changes are not all in the lake once; empty when all are
   */
  static List<String> differences(Map<RandomTable, Eras> tables, String jdbcUrl, LakeQuery lake)
      throws SQLException {
    List<String> differences = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement()) {
      for (Map.Entry<RandomTable, Eras> each : tables.entrySet()) {
        RandomTable table = each.getKey();
        Map<String, Long> stored = new TreeMap<>();
        lake.run(
            "SELECT %s AS kind, count(*) FROM bronze.%s_changes GROUP BY kind HAVING kind <> 'r'"
                .formatted(each.getValue().kind(), table.name()),
            result -> read(result, stored));
        Map<String, Long> committed = new TreeMap<>();
        read(
            statement.executeQuery("SELECT op, count(*) FROM " + counts(table) + " GROUP BY op"),
            committed);
        if (!stored.equals(committed)) {
          differences.add(
              "%s: the database committed %s, bronze holds %s"
                  .formatted(table.name(), committed, stored));
        }
      }
    }
    return differences;
  }

  private static void read(ResultSet rows, Map<String, Long> counts) throws SQLException {
    while (rows.next()) {
      counts.merge(rows.getString(1), rows.getLong(2), Long::sum);
    }
  }
}

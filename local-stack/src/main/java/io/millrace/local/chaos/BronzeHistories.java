package io.millrace.local.chaos;

import io.millrace.local.lake.LakeQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Looks whether the changes of each key stand in bronze in an order in which they can have happened
 * (inserted or read, updated at will, deleted, and so on), and whether each delete took away what
 * the change before it had left.
 */
final class BronzeHistories {
  private BronzeHistories() {}

  /**
   * Looks through all tables.
   *
   * @return a line for each table with impossible histories; empty when there is none
   */
  static List<String> problems(List<RandomTable> tables, LakeQuery lake) {
    List<String> problems = new ArrayList<>();
    for (RandomTable table : tables) {
      lake.run(
          sql(table),
          result -> {
            result.next();
            long created = result.getLong(1);
            long changed = result.getLong(2);
            long deleted = result.getLong(3);
            if (created + changed + deleted > 0) {
              problems.add(
                  ("%s: by bronze, %d rows were inserted that were there, %d were changed that were"
                          + " not, and %d were deleted with other contents than they had")
                      .formatted(table.name(), created, changed, deleted));
            }
          });
    }
    return problems;
  }

  private static String sql(RandomTable table) {
    return sql("bronze." + table.name() + "_changes", table.keyColumns(), table.otherColumns());
  }

  /**
   * Counts rows inserted that were there, changed that were not, and deleted with other contents.
   */
  static String sql(String changes, List<String> key, List<String> contents) {
    return """
    WITH history AS (
      SELECT _op,
        lag(_op) OVER key AS op_before,
        {%1$s} AS contents,
        lag({%1$s}) OVER key AS contents_before
      FROM %2$s
      WINDOW key AS (PARTITION BY %3$s ORDER BY _source_pos))
    SELECT
      count(*) FILTER (_op IN ('c', 'r') AND op_before <> 'd'),
      count(*) FILTER (_op IN ('u', 'd') AND (op_before IS NULL OR op_before = 'd')),
      count(*) FILTER (
        _op = 'd' AND op_before <> 'd' AND contents IS DISTINCT FROM contents_before)
    FROM history
    """
        .formatted(
            contents.stream()
                .map(column -> "'%s': %s".formatted(column, column))
                .collect(Collectors.joining(", ")),
            changes,
            String.join(", ", key));
  }
}

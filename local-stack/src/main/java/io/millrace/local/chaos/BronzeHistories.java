package io.millrace.local.chaos;

import io.millrace.local.lake.LakeQuery;
import io.millrace.schemas.SourceMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Looks whether the changes of each key stand in bronze in an order in which they can have happened
 * (inserted or read, updated at will, deleted, and so on), whether each delete took away what the
 * change before it had left, and whether rows of altered tables that were read again are what they
 * were: all of the row, if there was no alteration in between, else its columns that never change.
 * In one era a row is read again no more often than there was reason to.
 */
final class BronzeHistories {
  private BronzeHistories() {}

  /**
   * Looks through all tables.
   *
   * @return a line for each table with impossible histories; empty when there is none
   */
  static List<String> problems(Map<RandomTable, Eras> tables, LakeQuery lake) {
    List<String> problems = new ArrayList<>();
    tables.forEach(
        (table, eras) ->
            lake.run(
                sql(table, eras),
                result -> {
                  result.next();
                  long created = result.getLong(1);
                  long changed = result.getLong(2);
                  long differing = result.getLong(3);
                  long repeated = result.getLong(4);
                  if (created + changed + differing + repeated > 0) {
                    problems.add(
                        ("%s: by bronze, %d rows were inserted that were there, %d were changed or"
                                + " read that were not, %d were deleted or read with other contents"
                                + " than they had, and %d were read again too often")
                            .formatted(table.name(), created, changed, differing, repeated));
                  }
                }));
    return problems;
  }

  private static String sql(RandomTable table, Eras eras) {
    List<String> key =
        table.key().isEmpty() ? List.of(SourceMetadata.SOURCE_POS) : table.keyColumns();
    return sql("bronze." + table.name() + "_changes", key, table.otherColumns(), eras);
  }

  /**
   * Counts rows inserted that were there, changed or read again that were not, deleted or read
   * again with other contents, and read again once too often.
   *
   * @param lasting columns that no alteration concerns
   */
  static String sql(String changes, List<String> key, List<String> lasting, Eras eras) {
    return """
    WITH change AS (
      SELECT %2$s AS key, _source_pos, %3$s AS kind, %4$s AS era, %7$s AS altered,
        hash(%5$s) AS lasting, hash(*COLUMNS('^[^_]')) AS whole
      FROM %1$s),
    history AS (
      SELECT key, kind, era,
        lag(kind) OVER row AS kind_before,
        lasting IS DISTINCT FROM lag(lasting) OVER row
          OR (altered = lag(altered) OVER row AND whole IS DISTINCT FROM lag(whole) OVER row) AS differs,
        count(*) FILTER (kind = 'c') OVER row AS life
      FROM change
      WINDOW row AS (PARTITION BY key ORDER BY _source_pos)),
    reread AS (
      SELECT count(*) - %6$s AS surplus
      FROM history WHERE kind = 'r' GROUP BY key, life, era)
    SELECT
      count(*) FILTER (kind = 'c' AND kind_before <> 'd'),
      count(*) FILTER (kind <> 'c' AND (kind_before IS NULL OR kind_before = 'd')),
      count(*) FILTER (kind IN ('d', 'r') AND kind_before <> 'd' AND differs),
      (SELECT CAST(coalesce(sum(surplus) FILTER (surplus > 0), 0) AS BIGINT) FROM reread)
    FROM history
    """
        .formatted(
            changes,
            "row(" + String.join(", ", key) + ")",
            eras.kind(),
            eras.number(),
            String.join(", ", lasting),
            eras.readsOf("era"),
            eras.altered());
  }
}

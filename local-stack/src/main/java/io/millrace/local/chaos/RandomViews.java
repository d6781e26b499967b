package io.millrace.local.chaos;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Random views over random tables: joins along their references and on along those of what they
 * refer to, filters, expressions, views over views, and aggregates with and without windows.
 */
final class RandomViews {
  private static final List<String> FILTERS =
      List.of(
          "%1$s.c0 <> 'north'",
          "%1$s.c1 > 0",
          "%1$s.c0 IN ('süd', 'east', '')",
          "%1$s.c1 IS NOT NULL",
          "NOT (%1$s.c0 LIKE '%%t' OR %1$s.c1 < 0)",
          "%1$s.c2 BETWEEN TIMESTAMP WITH TIME ZONE '2026-01-01 00:30:00 UTC'"
              + " AND TIMESTAMP WITH TIME ZONE '2026-01-01 02:30:00 UTC'",
          "(%1$s.c1 > 100) IS NOT TRUE",
          "%1$s.c0 IS DISTINCT FROM 'east'");

  /** Of what stands in every table. None fails, whatever the values. */
  private static final List<String> EXPRESSIONS =
      List.of(
          "CASE WHEN %1$s.c1 > 0 THEN %1$s.c0 WHEN %1$s.c0 LIKE 's%%' THEN 'süd' END",
          "SUBSTRING(%1$s.c0 FROM 2 FOR 3) || '-' || LOWER(%1$s.c0)",
          "TRIM(BOTH 't' FROM %1$s.c0)",
          "NULLIF(UPPER(%1$s.c0), 'NORTH')",
          "CHAR_LENGTH(%1$s.c0)",
          "CAST(CAST(%1$s.c1 AS BIGINT) / 3 AS VARCHAR)",
          "MOD(CAST(%1$s.c1 AS BIGINT), 7)",
          "CAST(ABS(%1$s.c1) AS DECIMAL(12, 1)) - 1",
          "%1$s.c1 BETWEEN 0 AND 1000",
          "%1$s.c0 IS NOT DISTINCT FROM 'west' AND %1$s.c1 IS NOT NULL");

  private static final List<Integer> WINDOW_MINUTES = List.of(1, 10, 60);

  private final RandomGenerator random;
  private final Map<String, String> enriched = new LinkedHashMap<>();
  private final Map<String, String> aggregates = new LinkedHashMap<>();

  RandomViews(RandomGenerator random, List<RandomTable> tables) {
    this.random = random;
    for (RandomTable table : tables) {
      if (table.key().isEmpty() || random.nextBoolean()) {
        aggregates.put(table.name() + "_by_length", byLength(table));
      }
      if (!table.references().isEmpty()) {
        String joined = table.name() + "_joined";
        enriched.put(joined, join(table));
        aggregate(joined);
        if (random.nextBoolean()) {
          enriched.put(joined + "_again", over(joined, table));
          aggregate(joined + "_again");
        }
      }
    }
  }

  /** SQL of the enriched views, by name, what they read before them. */
  Map<String, String> enriched() {
    return enriched;
  }

  /** SQL of the aggregate views, by name. */
  Map<String, String> aggregates() {
    return aggregates;
  }

  /** Every such view has the table's key, {@code cat}, {@code money} and {@code moment}. */
  private String join(RandomTable table) {
    List<String> select = new ArrayList<>();
    table.keyColumns().forEach(key -> select.add("t." + key));
    select.add("t.c0 AS cat");
    select.add("t.c2 AS moment");
    table
        .columns()
        .subList(3, table.columns().size())
        .forEach(column -> select.add("t." + column.name() + " AS t_" + column.name()));
    StringBuilder from = new StringBuilder(table.name()).append(" AS t");
    List<String> aliases = new ArrayList<>(List.of("t"));
    for (int i = 0; i < table.references().size(); i++) {
      RandomTable referenced = table.references().get(i);
      String alias = "j" + i;
      joinOne(from, "t", table, i, alias);
      aliases.add(alias);
      if (!referenced.references().isEmpty() && random.nextBoolean()) {
        joinOne(from, alias, referenced, 0, alias + "on");
        aliases.add(alias + "on");
      }
    }
    for (String alias : aliases.subList(1, aliases.size())) {
      select.add("COALESCE(%s.c0, 'none') AS %s_cat".formatted(alias, alias));
      select.add("%s.c2 AS %s_moment".formatted(alias, alias));
    }
    select.add("t.c1 + COALESCE(%s.c1, 0) AS money".formatted(any(aliases)));
    for (int i = random.nextInt(4); i > 0; i--) {
      select.add("%s AS e%d".formatted(any(EXPRESSIONS).formatted(any(aliases)), i));
    }
    String where = random.nextBoolean() ? "\nWHERE " + any(FILTERS).formatted(any(aliases)) : "";
    return "SELECT " + String.join(", ", select) + "\nFROM " + from + where;
  }

  private void joinOne(
      StringBuilder from, String left, RandomTable table, int reference, String alias) {
    RandomTable referenced = table.references().get(reference);
    List<String> conditions = new ArrayList<>();
    List<String> columns = table.referenceColumns(reference);
    for (int i = 0; i < columns.size(); i++) {
      conditions.add("%s.%s = %s.k%d".formatted(left, columns.get(i), alias, i));
    }
    from.append(random.nextBoolean() ? "\n  JOIN " : "\n  LEFT JOIN ")
        .append(referenced.name())
        .append(" AS ")
        .append(alias)
        .append(" ON ")
        .append(String.join(" AND ", conditions));
  }

  private String over(String view, RandomTable table) {
    return "SELECT %s, UPPER(cat) AS cat, money * 2 AS money, moment\nFROM %s\nWHERE %s"
        .formatted(
            String.join(", ", table.keyColumns()),
            view,
            any(List.of("money <> 0", "cat IS NOT NULL", "money BETWEEN -5000 AND 50000")));
  }

  private void aggregate(String view) {
    String values =
        "COUNT(*) AS n, COUNT(money) AS with_money, SUM(money) AS total, AVG(money) AS mean";
    if (random.nextBoolean()) {
      String having = random.nextBoolean() ? "\nHAVING COUNT(*) > 3" : "";
      aggregates.put(
          view + "_by_cat",
          "SELECT cat, %s\nFROM %s\nGROUP BY cat%s".formatted(values, view, having));
    } else {
      aggregates.put(
          view + "_by_window",
          """
          SELECT window_start, window_end, cat, %s
          FROM TABLE(TUMBLE(TABLE %s, DESCRIPTOR(moment), INTERVAL '%d' MINUTE))
          GROUP BY window_start, window_end, cat\
          """
              .formatted(values, view, any(WINDOW_MINUTES)));
    }
  }

  /** Right over a table, by a null or a number, and a truth. */
  private String byLength(RandomTable table) {
    return """
    SELECT CHAR_LENGTH(t.c0) AS length, t.c1 > 0 AS positive, COUNT(*) AS n, COUNT(t.c2) AS moments,
      SUM(CHAR_LENGTH(t.c0)) AS letters, AVG(ABS(t.c1)) AS mean
    FROM %s AS t
    WHERE %s
    GROUP BY CHAR_LENGTH(t.c0), t.c1 > 0\
    """
        .formatted(table.name(), any(FILTERS).formatted("t"));
  }

  private <T> T any(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}

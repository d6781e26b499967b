package io.millrace.local.chaos;

import io.millrace.local.chaos.Alteration.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which columns come, change and go while they are in use, one after the other: a matter of the
 * seed alone.
 */
final class AlterationPlan {
  private static final int MOST = 6;

  /** An alteration and the quiet before it. */
  record Step(Duration quiet, Alteration alteration) {
    @Override
    public String toString() {
      return "%d ms, %s".formatted(quiet.toMillis(), alteration.sql());
    }
  }

  private final RandomGenerator random;
  private final List<RandomTable> tables;
  private final Map<RandomTable, List<MovingColumn>> columns = new HashMap<>();

  /** The last column of each name that is none now. */
  private final Map<RandomTable, List<MovingColumn>> gone = new HashMap<>();

  /** Numbers that tables always have and that are still as they were made. */
  private final Map<RandomTable, List<MovingColumn>> narrow = new HashMap<>();

  private int names;
  private int number;

  private AlterationPlan(RandomGenerator random, List<RandomTable> tables) {
    this.random = random;
    this.tables = List.copyOf(tables);
    tables.forEach(table -> narrow.put(table, narrow(table)));
  }

  private static List<MovingColumn> narrow(RandomTable table) {
    List<MovingColumn> columns = new ArrayList<>();
    for (RandomTable.Column column : table.columns()) {
      MovingColumn lasting = MovingColumn.of(column.name(), column.type(), column.nullable());
      if (lasting.widened().isPresent() && lasting.successors().size() > 1) {
        columns.add(lasting);
      }
    }
    return columns;
  }

  /** Alterations without end. */
  static Iterator<Step> endless(RandomGenerator random, List<RandomTable> tables) {
    AlterationPlan plan = new AlterationPlan(random, tables);
    return Stream.generate(() -> plan.step(3_000, 40_000, plan.any())).iterator();
  }

  /** Each kind of alteration once, shortly one after the other, on one table. */
  static Iterator<Step> eachKind(RandomGenerator random, List<RandomTable> tables) {
    List<RandomTable> changing = tables.stream().filter(table -> !table.appendOnly()).toList();
    AlterationPlan plan =
        new AlterationPlan(random, List.of(changing.get(random.nextInt(changing.size()))));
    List<Step> steps = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      Alteration alteration = plan.of(plan.tables.getFirst(), kind).orElseThrow();
      steps.add(plan.step(1_000, 6_000, alteration));
    }
    return steps.iterator();
  }

  private Step step(int fromMillis, int toMillis, Alteration alteration) {
    return new Step(Duration.ofMillis(random.nextInt(fromMillis, toMillis)), alteration);
  }

  private Alteration any() {
    while (true) {
      RandomTable table = any(tables);
      Kind kind = any(List.of(Kind.values()));
      if (!table.appendOnly() || !kind.changesAppended()) {
        Optional<Alteration> possible = of(table, kind);
        if (possible.isPresent()) {
          return possible.get();
        }
      }
    }
  }

  /** An alteration, as if all before it had been made; empty when it is not possible now. */
  private Optional<Alteration> of(RandomTable table, Kind kind) {
    List<MovingColumn> now = columns.getOrDefault(table, List.of());
    boolean full = now.size() >= MOST;
    return switch (kind) {
      case ADD, ADD_WITH_VALUES -> full ? Optional.empty() : Optional.of(add(table, kind));
      case ADD_AGAIN ->
          full || gone(table).isEmpty() ? Optional.empty() : Optional.of(again(table));
      case FORBID_NULL ->
          now.stream()
              .filter(MovingColumn::nullable)
              .findFirst()
              .map(column -> forbidNull(table, column));
      case ALLOW_NULL ->
          now.stream()
              .filter(column -> !column.nullable())
              .findFirst()
              .map(column -> allowNull(table, column));
      case WIDEN ->
          now.stream()
              .filter(column -> column.widened().isPresent())
              .findFirst()
              .map(column -> widen(table, column));
      case WIDEN_VIEWED ->
          narrow.getOrDefault(table, List.of()).isEmpty()
              ? Optional.empty()
              : Optional.of(widenViewed(table));
      case RENAME -> now.isEmpty() ? Optional.empty() : Optional.of(rename(table, any(now)));
      case DROP -> now.isEmpty() ? Optional.empty() : Optional.of(drop(table, any(now)));
    };
  }

  private Alteration add(RandomTable table, Kind kind) {
    // Those that can be widened.
    List<ValueType> narrow =
        List.of(ValueType.SMALLINT, ValueType.INTEGER, ValueType.MONEY, ValueType.CATEGORY);
    // With wide values in every row, they would be all that the test has to do.
    List<ValueType> all =
        Stream.of(ValueType.values()).filter(type -> type != ValueType.WIDE).toList();
    ValueType type = any(kind == Kind.ADD ? narrow : all);
    return withNew(table, kind, "x" + names++, type);
  }

  private Alteration again(RandomTable table) {
    MovingColumn column = any(gone(table));
    gone(table).remove(column);
    return withNew(table, Kind.ADD_AGAIN, column.name(), any(column.successors()));
  }

  private Alteration withNew(RandomTable table, Kind kind, String name, ValueType type) {
    boolean filled =
        kind == Kind.ADD_WITH_VALUES || (kind == Kind.ADD_AGAIN && random.nextBoolean());
    boolean nullable = !filled || random.nextBoolean();
    MovingColumn column = MovingColumn.of(name, type, nullable);
    String clause = "ADD COLUMN %s %s".formatted(name, column.sql());
    if (filled) {
      clause += (nullable ? "" : " NOT NULL") + " DEFAULT " + defaultValue(type);
    }
    List<MovingColumn> now = columns.getOrDefault(table, List.of());
    return altered(table, kind, clause, now, replaced(now, null, column));
  }

  /** The same for every row, or another one for each, for which PostgreSQL writes all rows anew. */
  private String defaultValue(ValueType type) {
    return type == ValueType.UUID ? "gen_random_uuid()" : literal(type);
  }

  private String literal(ValueType type) {
    return "CAST('%s' AS %s)".formatted(type.value(random).replace("'", "''"), type.sql());
  }

  /** Who reads the log late finds nulls in it where the catalog says that there are none. */
  private Alteration forbidNull(RandomTable table, MovingColumn column) {
    String value = literal(column.values());
    String filling =
        "UPDATE %s SET %s = %s WHERE %s IS NULL; "
            .formatted(table.name(), column.name(), value, column.name());
    String clause = "ALTER COLUMN %s SET NOT NULL".formatted(column.name());
    List<MovingColumn> now =
        replaced(columns.getOrDefault(table, List.of()), column, column.withNull(false));
    return altered(table, Kind.FORBID_NULL, filling, clause, now, now);
  }

  private Alteration allowNull(RandomTable table, MovingColumn column) {
    String clause = "ALTER COLUMN %s DROP NOT NULL".formatted(column.name());
    List<MovingColumn> now = columns.getOrDefault(table, List.of());
    return altered(
        table, Kind.ALLOW_NULL, clause, now, replaced(now, column, column.withNull(true)));
  }

  private Alteration widen(RandomTable table, MovingColumn column) {
    MovingColumn wider = column.widened().orElseThrow();
    String clause = "ALTER COLUMN %s TYPE %s".formatted(column.name(), wider.sql());
    List<MovingColumn> now = columns.getOrDefault(table, List.of());
    return altered(table, Kind.WIDEN, clause, now, replaced(now, column, wider));
  }

  private Alteration widenViewed(RandomTable table) {
    List<MovingColumn> left = narrow.getOrDefault(table, List.of());
    MovingColumn wider = left.remove(random.nextInt(left.size())).widened().orElseThrow();
    String clause = "ALTER COLUMN %s TYPE %s".formatted(wider.name(), wider.sql());
    List<MovingColumn> now = columns.getOrDefault(table, List.of());
    return altered(table, Kind.WIDEN_VIEWED, clause, now, now);
  }

  private Alteration rename(RandomTable table, MovingColumn column) {
    MovingColumn renamed = column.renamed("x" + names++);
    gone(table).add(column);
    String clause = "RENAME COLUMN %s TO %s".formatted(column.name(), renamed.name());
    List<MovingColumn> now = columns.getOrDefault(table, List.of());
    return altered(
        table, Kind.RENAME, clause, replaced(now, column, null), replaced(now, column, renamed));
  }

  private Alteration drop(RandomTable table, MovingColumn column) {
    gone(table).add(column);
    List<MovingColumn> left = replaced(columns.getOrDefault(table, List.of()), column, null);
    return altered(table, Kind.DROP, "DROP COLUMN " + column.name(), left, left);
  }

  private Alteration altered(
      RandomTable table,
      Kind kind,
      String clause,
      List<MovingColumn> kept,
      List<MovingColumn> after) {
    return altered(table, kind, "", clause, kept, after);
  }

  private Alteration altered(
      RandomTable table,
      Kind kind,
      String before,
      String clause,
      List<MovingColumn> kept,
      List<MovingColumn> after) {
    columns.put(table, after);
    return new Alteration(number++, table, kind, before, clause, kept, after);
  }

  private static List<MovingColumn> replaced(
      List<MovingColumn> columns, @Nullable MovingColumn old, @Nullable MovingColumn by) {
    List<MovingColumn> replaced = new ArrayList<>(columns);
    if (old != null) {
      replaced.remove(old);
    }
    if (by != null) {
      replaced.add(by);
    }
    return List.copyOf(replaced);
  }

  private List<MovingColumn> gone(RandomTable table) {
    return gone.computeIfAbsent(table, any -> new ArrayList<>());
  }

  private <T> T any(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}

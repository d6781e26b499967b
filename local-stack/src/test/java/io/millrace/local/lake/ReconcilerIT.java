package io.millrace.local.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.pipeline.plan.Relation;
import io.millrace.pipeline.plan.ViewPlan;
import io.millrace.pipeline.plan.ViewPlanner;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lake and the source side by side, both real. */
final class ReconcilerIT {
  private static final OffsetDateTime NOON = OffsetDateTime.parse("2026-11-21T12:00:30.5Z");

  @TempDir Path directory;
  private TestLake lake;

  @BeforeEach
  void open() throws Exception {
    lake = new TestLake(directory);
  }

  @AfterEach
  void close() throws Exception {
    lake.close();
  }

  @Test
  void anEmptySourceEqualsALakeWithoutTables() {
    // then
    assertThat(compare().values())
        .hasSize(4)
        .allSatisfy(comparison -> assertThat(comparison.equal()).isTrue());
  }

  @Test
  void equalContentIsEqualHoweverItCameThere() throws Exception {
    // given
    lake.execute(
        """
        INSERT INTO items (id, price, seen, note) VALUES
          (1, 5.00, '2026-11-21 12:00:30.5+00', NULL),
          (2, 7.50, '2026-11-21 12:00:59+00', 'ü'),
          (3, 20.00, NULL, '')
        """);
    Table items = lake.createItems("silver.items");
    TestLake.commit(items, List.of(), List.of(item(items, 1, "5.00", NOON, "old")));
    TestLake.commit(
        items,
        List.of(TestLake.row(items, "id", 1L)),
        List.of(
            item(items, 1, "5.00", NOON, null),
            item(items, 2, "7.50", OffsetDateTime.parse("2026-11-21T12:00:59Z"), "ü"),
            item(items, 3, "20.00", null, "")));
    Table changes = lake.createItems("bronze.items_changes");
    TestLake.commit(
        changes,
        List.of(),
        List.of(
            change(items, changes, "c", 1, 1L, "5.00", NOON, "old"),
            change(items, changes, "c", 2, 9L, "5.00", NOON, "gone"),
            change(items, changes, "d", 3, 9L, "5.00", NOON, "gone"),
            change(items, changes, "u", 4, 1L, "5.00", NOON, null),
            change(
                items,
                changes,
                "c",
                5,
                2L,
                "7.50",
                OffsetDateTime.parse("2026-11-21T12:00:59Z"),
                "ü"),
            change(items, changes, "c", 6, 3L, "20.00", null, "")));
    Table cheap = view("silver.cheap", "cheap");
    TestLake.commit(
        cheap,
        List.of(),
        List.of(
            sale(cheap, 1, "10.00", NOON),
            sale(cheap, 2, "15.00", OffsetDateTime.parse("2026-11-21T12:00:59Z"))));
    fillPerMinute("25.00");

    // when
    Map<String, TableComparison> comparisons = compare();

    // then
    assertThat(comparisons.values())
        .allSatisfy(
            comparison -> assertThat(comparison.differences()).as(comparison.table()).isEmpty());
    assertThat(of(comparisons, "bronze.items_changes"))
        .extracting(TableComparison::sourceRows, TableComparison::lakeRows)
        .containsExactly(3L, 6L);
    assertThat(of(comparisons, "gold.per_minute"))
        .extracting(TableComparison::sourceRows, TableComparison::lakeRows)
        .containsExactly(1L, 1L);
    assertThat(of(comparisons, "silver.items").bytes()).isPositive();
  }

  @Test
  void differencesAreNamedByTheirKeys() throws Exception {
    // given
    lake.execute(
        "INSERT INTO items (id, price, note) VALUES (1, 5.00, 'a'), (2, 5.00, 'b'), (4, 1.00,"
            + " 'd')");
    Table items = lake.createItems("silver.items");
    TestLake.commit(
        items,
        List.of(),
        List.of(
            item(items, 1, "5.01", null, null),
            item(items, 3, "1.00", null, "c"),
            item(items, 4, "1.00", null, "d"),
            item(items, 4, "1.00", null, "d")));
    Table changes = lake.createItems("bronze.items_changes");
    TestLake.commit(
        changes,
        List.of(),
        List.of(
            change(items, changes, "c", 1, 1L, "5.00", null, "a"),
            change(items, changes, "c", 1, 1L, "5.00", null, "a"),
            change(items, changes, "c", 2, 2L, "5.00", null, "b"),
            change(items, changes, "c", 3, 4L, "1.00", null, "d")));

    // when
    Map<String, TableComparison> comparisons = compare();

    // then
    assertThat(of(comparisons, "silver.items"))
        .satisfies(
            comparison -> {
              assertThat(comparison.equal()).isFalse();
              assertThat(comparison.differingKeys()).isEqualTo(4);
              assertThat(comparison.differences())
                  .containsExactly(
                      "id=1: differs in price, note",
                      "id=2: missing in the lake",
                      "id=3: in the lake, not in the source (or once too often)",
                      "id=4: in the lake, not in the source (or once too often)");
            });
    assertThat(of(comparisons, "bronze.items_changes").differences())
        .containsExactly("1 changes stand there more than once");
    assertThat(of(comparisons, "silver.cheap").differences())
        .containsExactly("the lake has no such table yet");
  }

  @Test
  void columnsAreThoseThatTheSourceHasNow() throws Exception {
    // given a column that only the lake has, and one that the lake does not have yet
    lake.execute("INSERT INTO items (id, price, note) VALUES (1, 5.00, 'a')");
    Table items = lake.createItems("silver.items");
    TestLake.commit(items, List.of(), List.of(item(items, 1, "5.00", null, "a")));
    lake.execute("ALTER TABLE items DROP COLUMN note, ADD COLUMN more text");

    // when, then
    assertThat(of(compare(), "silver.items").differences()).isEmpty();

    // when the lake should have it
    lake.execute("UPDATE items SET more = 'b'");

    // then
    assertThat(of(compare(), "silver.items").differences())
        .containsExactly("column more is missing in the lake");
  }

  private void fillPerMinute(String total) throws Exception {
    Table perMinute = view("gold.per_minute", "per_minute");
    Record row =
        TestLake.row(
            perMinute,
            "window_start",
            OffsetDateTime.parse("2026-11-21T12:00:00Z"),
            "window_end",
            OffsetDateTime.parse("2026-11-21T12:01:00Z"),
            "n",
            2L,
            "total",
            new BigDecimal(total),
            "_source_ts",
            NOON,
            "_source_pos",
            "x");
    TestLake.commit(perMinute, List.of(), List.of(row));
  }

  private static Record item(
      Table table, long id, String price, @Nullable OffsetDateTime seen, @Nullable String note) {
    return TestLake.row(
        table,
        "id",
        id,
        "price",
        new BigDecimal(price),
        "seen",
        seen,
        "note",
        note,
        "_source_ts",
        NOON,
        "_source_pos",
        "x");
  }

  private static Record sale(Table table, long id, String twice, OffsetDateTime seen) {
    return TestLake.row(
        table,
        "id",
        id,
        "twice",
        new BigDecimal(twice),
        "seen",
        seen,
        "_source_ts",
        NOON,
        "_source_pos",
        "x");
  }

  private static Record change(
      Table items,
      Table changes,
      String op,
      int position,
      long id,
      String price,
      @Nullable OffsetDateTime seen,
      @Nullable String note) {
    Record item = item(items, id, price, seen, note);
    Record change = TestLake.row(changes, "_op", op);
    items
        .schema()
        .columns()
        .forEach(column -> change.setField(column.name(), item.getField(column.name())));
    change.setField("_source_pos", "pos-" + position);
    return change;
  }

  private Table view(String identifier, String name) {
    Map<String, ViewPlan> views =
        ViewPlanner.plan(lake.pipeline(), Map.of("items", TestLake.items())).views();
    Relation output = Objects.requireNonNull(views.get(name)).output();
    return lake.create(identifier, output.key(), output.row());
  }

  private static TableComparison of(Map<String, TableComparison> comparisons, String table) {
    return Objects.requireNonNull(comparisons.get(table));
  }

  private Map<String, TableComparison> compare() {
    return new Reconciler(lake.pipeline(), Map.of("items", TestLake.items()))
        .compare().stream()
            .collect(Collectors.toMap(TableComparison::table, comparison -> comparison));
  }
}

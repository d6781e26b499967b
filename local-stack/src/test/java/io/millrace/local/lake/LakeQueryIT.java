package io.millrace.local.lake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.local.StackException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SQL over real Iceberg tables in a real catalog. */
final class LakeQueryIT {
  @TempDir static Path directory;
  private static TestLake lake;
  private static Snapshot first;

  @BeforeAll
  static void fill() throws Exception {
    lake = new TestLake(directory);
    Table table = lake.createItems("silver.items");
    TestLake.commit(table, List.of(), List.of(full(table, 1), empty(table, 2), full(table, 3)));
    table.refresh();
    first = table.currentSnapshot();
    table.manageSnapshots().createTag("day-2026-01-31", first.snapshotId()).commit();
    table.updateSchema().addColumn("later", Types.StringType.get()).commit();
    TestLake.commit(table, List.of(TestLake.row(table, "id", 3L)), List.of());
  }

  @AfterAll
  static void close() throws Exception {
    lake.close();
  }

  private static Record full(Table table, long id) {
    return TestLake.row(
        table,
        "id",
        id,
        "price",
        new BigDecimal("9999999999.99"),
        "seen",
        OffsetDateTime.parse("2026-11-21T00:30:00.123456+02:00"),
        "local",
        LocalDateTime.parse("2026-03-29T02:30:00"),
        "day",
        LocalDate.parse("1899-12-31"),
        "tag",
        UUID.fromString("00000000-0000-0001-8000-000000000002"),
        "note",
        "quote \" comma , ünï",
        "good",
        true,
        "few",
        -5,
        "raw",
        ByteBuffer.wrap(new byte[] {0, (byte) 255}),
        "_source_ts",
        OffsetDateTime.parse("2026-11-21T00:00:00Z"),
        "_source_pos",
        "a");
  }

  private static Record empty(Table table, long id) {
    return TestLake.row(
        table,
        "id",
        id,
        "_source_ts",
        OffsetDateTime.parse("2026-11-21T00:00:00Z"),
        "_source_pos",
        "b");
  }

  @Test
  void valuesOfEveryTypeAreExactAndDeletesAreHonoured() {
    // when
    String csv =
        run(
            "SELECT id, price, seen, local, day, tag, note, good, few, raw FROM silver.items"
                + " ORDER BY id",
            ResultFormat.CSV);

    // then
    assertThat(csv)
        .isEqualTo(
            """
            id,price,seen,local,day,tag,note,good,few,raw
            1,9999999999.99,2026-11-20T22:30:00.123456Z,2026-03-29T02:30:00,1899-12-31,\
            00000000-0000-0001-8000-000000000002,"quote "" comma , ünï",true,-5,\\x00ff
            2,,,,,,,,,
            """);
  }

  @Test
  void jsonKeepsNumbersAndNulls() {
    // when
    String json = run("SELECT id, price, note, good FROM items WHERE id = 2", ResultFormat.JSON);

    // then
    assertThat(json).isEqualTo("[\n{\"id\":2,\"price\":null,\"note\":null,\"good\":null}\n]\n");
    assertThat(run("SELECT price, good FROM items WHERE id = 1", ResultFormat.JSON))
        .isEqualTo("[\n{\"price\":9999999999.99,\"good\":true}\n]\n");
    assertThat(run("SELECT id FROM items WHERE id = 9", ResultFormat.JSON)).isEqualTo("[\n]\n");
  }

  @Test
  void alignedOutputCountsItsRows() {
    // when
    String text = run("SELECT count(*) AS n FROM silver.items", ResultFormat.ALIGNED);

    // then
    assertThat(text).isEqualTo("n\n-\n2\n(1 row)\n");
  }

  @Test
  void tablesAreReadAsTheyWere() {
    // when, then
    String count = "SELECT count(*) AS n FROM silver.items";
    assertThat(run(count, ResultFormat.CSV, null)).isEqualTo("n\n2\n");
    assertThat(run(count, ResultFormat.CSV, "day-2026-01-31")).isEqualTo("n\n3\n");
    String then = Instant.ofEpochMilli(first.timestampMillis()).toString();
    assertThat(run(count, ResultFormat.CSV, then)).isEqualTo("n\n3\n");
    assertThatThrownBy(() -> run(count, ResultFormat.CSV, "2026-01-01T00:00:00Z"))
        .isInstanceOf(StackException.class)
        .hasMessageContaining("tags and branches are day-2026-01-31, main");
    assertThatThrownBy(() -> run(count, ResultFormat.CSV, "day-2026-02-01"))
        .isInstanceOf(StackException.class)
        .hasMessageContaining("no tag or branch 'day-2026-02-01'");
  }

  @Test
  void aWrongQuerySaysWhatIsWrong() {
    // then
    assertThatThrownBy(() -> run("SELECT nothing FROM silver.items", ResultFormat.CSV))
        .isInstanceOf(StackException.class)
        .hasMessageContaining("nothing");
    assertThatThrownBy(() -> run("SELECT * FROM gold.per_minute", ResultFormat.CSV))
        .isInstanceOf(StackException.class)
        .hasMessageContaining("per_minute");
  }

  private static String run(String sql, ResultFormat format) {
    return run(sql, format, null);
  }

  private static String run(String sql, ResultFormat format, @Nullable String asOf) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, UTF_8);
    LakeQuery query =
        asOf == null
            ? new LakeQuery(lake.pipeline())
            : new LakeQuery(lake.pipeline(), new AsOf(asOf));
    query.run(sql, result -> format.printTo(result, out));
    return bytes.toString(UTF_8);
  }
}

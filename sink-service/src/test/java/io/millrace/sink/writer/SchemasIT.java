package io.millrace.sink.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.Maintenance;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import io.millrace.schemas.Row;
import io.millrace.sink.Servers;
import io.millrace.sink.TestLake;
import io.millrace.sink.TestRecords;
import io.millrace.sink.commit.Commits;
import io.millrace.sink.lake.IncompatibleTableException;
import io.millrace.sink.maintenance.PendingFiles;
import io.millrace.sink.maintenance.TableMaintenance;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Every type arrives unchanged, and tables follow their topics' schemas. */
@ExtendWith(Servers.class)
class SchemasIT {
  private static final Schema KEY =
      SchemaBuilder.record("orders_key").namespace("test").fields().requiredInt("id").endRecord();
  private static final Schema WIDE_KEY =
      SchemaBuilder.record("orders_key").namespace("test").fields().requiredLong("id").endRecord();

  private TestLake lake;
  private TestRecords records;
  private Commits commits;
  private Epochs orders;
  private long lsn = 1;

  @BeforeEach
  void setUp(Servers.Running servers, @TempDir Path directory) {
    LocalSchemaRegistry registry = new LocalSchemaRegistry();
    lake = new TestLake(servers, registry, "http://127.0.0.1:1", directory);
    records = new TestRecords(lake.pipeline().topicNames(), registry);
    commits = new Commits(lake.catalog());
    String topic = lake.pipeline().topicNames().changes("orders");
    List<LakeTable> tables =
        lake.pipeline().lakeTables().stream().filter(table -> table.topic().equals(topic)).toList();
    orders = new Epochs(tables, lake.catalog(), registry, 0);
  }

  @AfterEach
  void tearDown() {
    lake.close();
  }

  @Test
  void keepsEveryTypeAsItIs() {
    // given
    Schema row =
        SchemaBuilder.record("orders")
            .namespace("test")
            .fields()
            .requiredInt("id")
            .requiredLong("big")
            .requiredBoolean("flag")
            .requiredString("text")
            .name("amount")
            .type(logical(LogicalTypes.decimal(38, 9), Schema.Type.BYTES))
            .noDefault()
            .name("small_amount")
            .type(logical(LogicalTypes.decimal(5, 2), Schema.Type.BYTES))
            .noDefault()
            .name("at")
            .type(logical(LogicalTypes.timestampMicros(), Schema.Type.LONG))
            .noDefault()
            .name("local_at")
            .type(logical(LogicalTypes.localTimestampMicros(), Schema.Type.LONG))
            .noDefault()
            .name("day")
            .type(logical(LogicalTypes.date(), Schema.Type.INT))
            .noDefault()
            .name("uid")
            .type(logical(LogicalTypes.uuid(), Schema.Type.STRING))
            .noDefault()
            .requiredBytes("raw")
            .name("json")
            .type(json())
            .noDefault()
            .endRecord();

    // when
    Row every =
        TestRecords.row(
            row,
            Integer.MIN_VALUE,
            Long.MAX_VALUE,
            true,
            "नमस्ते \u0000 😀",
            new BigDecimal("-99999999999999999999999999999.999999999"),
            new BigDecimal("0.10"),
            -1L,
            1_000_001L,
            -719_162,
            "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
            ByteBuffer.wrap(new byte[] {0, -1}),
            "{\"a\": 1}");
    take("c", KEY, every);
    commit();
    take("u", KEY, every);
    commit();
    compact("bronze.orders_changes");

    // then
    Map<String, Object> expected =
        Map.ofEntries(
            Map.entry("id", Integer.MIN_VALUE),
            Map.entry("big", Long.MAX_VALUE),
            Map.entry("flag", true),
            Map.entry("text", "नमस्ते \u0000 😀"),
            Map.entry("amount", new BigDecimal("-99999999999999999999999999999.999999999")),
            Map.entry("small_amount", new BigDecimal("0.10")),
            Map.entry("at", OffsetDateTime.parse("1969-12-31T23:59:59.999999Z")),
            Map.entry("local_at", LocalDateTime.parse("1970-01-01T00:00:01.000001")),
            Map.entry("day", LocalDate.parse("0001-01-01")),
            Map.entry("uid", UUID.fromString("6ba7b810-9dad-11d1-80b4-00c04fd430c8")),
            Map.entry("raw", ByteBuffer.wrap(new byte[] {0, -1})),
            Map.entry("json", "{\"a\": 1}"));
    assertThat(lake.rows("silver.orders")).singleElement().satisfies(r -> hasAll(r, expected));
    assertThat(lake.rows("bronze.orders_changes")).hasSize(2).allSatisfy(r -> hasAll(r, expected));
    assertThat(lake.catalog().load("silver.orders").schema().findField("json").type())
        .isEqualTo(Types.StringType.get());
  }

  /** Makes all files of a table one: two of them are half of the size that is aimed at. */
  private void compact(String name) {
    LakeTable table =
        lake.pipeline().lakeTables().stream()
            .filter(any -> any.identifier().equals(name))
            .findFirst()
            .orElseThrow();
    long size =
        Long.parseLong(
            lake.catalog().load(name).currentSnapshot().summary().get("total-files-size"));
    Maintenance policy =
        new Maintenance(
            true, Duration.ofHours(1), Duration.ofHours(1), Duration.ofDays(3), 3 * size / 2);
    TableMaintenance maintenance =
        new TableMaintenance(
            lake.catalog(), new PendingFiles(lake.pipeline(), lake.registry()), Clock.systemUTC());
    assertThat(maintenance.compact(table, policy, false).files()).isEqualTo(2);
  }

  private static void hasAll(Map<String, Object> row, Map<String, Object> expected) {
    assertThat(row).containsAllEntriesOf(expected);
  }

  @Test
  void keepsNullsOfEveryType() {
    // given
    Schema row =
        SchemaBuilder.record("orders")
            .namespace("test")
            .fields()
            .requiredInt("id")
            .optionalLong("big")
            .optionalBoolean("flag")
            .optionalString("text")
            .optionalBytes("raw")
            .name("amount")
            .type(nullable(logical(LogicalTypes.decimal(12, 2), Schema.Type.BYTES)))
            .withDefault(null)
            .name("at")
            .type(nullable(logical(LogicalTypes.timestampMicros(), Schema.Type.LONG)))
            .withDefault(null)
            .name("day")
            .type(nullable(logical(LogicalTypes.date(), Schema.Type.INT)))
            .withDefault(null)
            .name("uid")
            .type(nullable(logical(LogicalTypes.uuid(), Schema.Type.STRING)))
            .withDefault(null)
            .endRecord();

    // when
    take("c", KEY, TestRecords.row(row, 1, null, null, null, null, null, null, null, null));
    commit();

    // then
    assertThat(lake.rows("silver.orders"))
        .singleElement()
        .satisfies(
            r -> {
              assertThat(r.get("id")).isEqualTo(1);
              for (String column : List.of("big", "flag", "text", "raw", "amount", "at", "uid")) {
                assertThat(r.get(column)).isNull();
              }
            });
  }

  @Test
  void followsItsTopicsSchemaWithinAnEpochAndAcross() {
    // given
    Schema first = order(Schema.create(Schema.Type.INT), decimal(10), false);
    Schema second = order(Schema.create(Schema.Type.LONG), decimal(12), true);
    take("c", KEY, TestRecords.row(first, 1, 10, new BigDecimal("1.00")));
    take("c", KEY, TestRecords.row(first, 2, 20, new BigDecimal("2.00")));
    // As of a producer that was not restarted yet.
    List<TestRecords.Encoded> late =
        records.change(
            "orders",
            "u",
            TestRecords.row(KEY, 3),
            TestRecords.row(first, 3, 31, new BigDecimal("3.10")),
            100,
            0);

    // when
    take("c", WIDE_KEY, TestRecords.row(second, 3L, 1L << 40, new BigDecimal("3.00"), "new"));
    take("u", WIDE_KEY, TestRecords.row(second, 1L, 11L, new BigDecimal("1.10"), "new"));
    end();
    take("u", WIDE_KEY, TestRecords.row(second, 2L, 21L, new BigDecimal("9999999999.99"), null));
    late.forEach(one -> orders.record(one.key(), one.value()));
    commit();

    // then
    assertThat(lake.rows("silver.orders"))
        .extracting(
            r -> r.get("id") + " " + r.get("n") + " " + r.get("amount") + " " + r.get("note"))
        .containsExactlyInAnyOrder("1 11 1.10 new", "2 21 9999999999.99 null", "3 31 3.10 null");
    assertThat(lake.rows("bronze.orders_changes")).hasSize(6);
    var schema = lake.catalog().load("silver.orders").schema();
    assertThat(schema.findField("n").type()).isEqualTo(Types.LongType.get());
    assertThat(schema.findField("amount").type()).isEqualTo(Types.DecimalType.of(12, 2));
    assertThat(schema.columns().getLast().name()).isEqualTo("_source_pos");
  }

  @Test
  void keepsAColumnThatTheSourceDropped() {
    // given
    Schema with = order(Schema.create(Schema.Type.INT), decimal(10), true);
    Schema without = order(Schema.create(Schema.Type.INT), decimal(10), false);
    take("c", KEY, TestRecords.row(with, 1, 10, new BigDecimal("1.00"), "kept"));
    end();

    // when
    take("c", KEY, TestRecords.row(without, 2, 20, new BigDecimal("2.00")));
    commit();

    // then
    assertThat(lake.rows("silver.orders"))
        .extracting(r -> r.get("id") + " " + r.get("note"))
        .containsExactlyInAnyOrder("1 kept", "2 null");
  }

  @Test
  void stopsAtAChangeThatWouldLoseData() {
    // given
    take(
        "c",
        KEY,
        TestRecords.row(
            order(Schema.create(Schema.Type.INT), decimal(10), false),
            1,
            10,
            BigDecimal.TWO.setScale(2)));
    end();
    Schema incompatible = order(Schema.create(Schema.Type.BOOLEAN), decimal(10), false);

    // when, then
    assertThatThrownBy(
            () ->
                new LocalRecords()
                    .take(TestRecords.row(incompatible, 1, true, BigDecimal.TWO.setScale(2))))
        .isInstanceOf(IncompatibleTableException.class)
        .hasMessageContaining("column n of lake table bronze.orders_changes is int")
        .hasMessageContaining("cannot become boolean");
  }

  /** With a registry that does not refuse the schema. */
  private final class LocalRecords {
    private final LocalSchemaRegistry registry = new LocalSchemaRegistry();
    private final TestRecords others = new TestRecords(lake.pipeline().topicNames(), registry);
    private final Epochs epochs =
        new Epochs(
            lake.pipeline().lakeTables().stream()
                .filter(table -> table.name().startsWith("orders"))
                .toList(),
            lake.catalog(),
            registry,
            1);

    void take(Row row) {
      others
          .change("orders", "c", TestRecords.row(KEY, row.get(0)), row, lsn++, 0)
          .forEach(one -> epochs.record(one.key(), one.value()));
    }
  }

  @Test
  void takesABadUuidForPoisonBeforeItWritesAnything() {
    // given
    Schema row =
        SchemaBuilder.record("orders")
            .namespace("test")
            .fields()
            .requiredInt("id")
            .name("uid")
            .type(logical(LogicalTypes.uuid(), Schema.Type.STRING))
            .noDefault()
            .endRecord();
    String good = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    take("c", KEY, TestRecords.row(row, 1, good));

    // when
    assertThatThrownBy(() -> take("c", KEY, TestRecords.row(row, 2, "no uuid")))
        .isInstanceOf(SerializationException.class);
    take("c", KEY, TestRecords.row(row, 3, good));
    commit();

    // then
    assertThat(lake.rows("silver.orders"))
        .extracting(r -> r.get("id"))
        .containsExactlyInAnyOrder(1, 3);
    assertThat(lake.rows("bronze.orders_changes")).hasSize(2);
  }

  /**
   * Iceberg's readers order uuids by sign, files by bytes: bounds of a column would mislead them.
   */
  @Test
  void replacesAndFindsRowsByUuidsOfEitherSign() {
    // given
    Schema uuid = logical(LogicalTypes.uuid(), Schema.Type.STRING);
    Schema key =
        SchemaBuilder.record("orders_key")
            .namespace("test")
            .fields()
            .name("id")
            .type(uuid)
            .noDefault()
            .endRecord();
    Schema row =
        SchemaBuilder.record("orders")
            .namespace("test")
            .fields()
            .name("id")
            .type(uuid)
            .noDefault()
            .requiredInt("n")
            .endRecord();
    List<String> ids =
        List.of("00000000-0000-4000-8000-000000000001", "ffffffff-ffff-4fff-8fff-ffffffffffff");

    // when
    for (int n = 1; n <= 3; n++) {
      for (String id : ids) {
        take(n == 1 ? "c" : "u", key, TestRecords.row(row, id, n));
      }
      commit();
    }

    // then
    assertThat(lake.rows("silver.orders"))
        .extracting(r -> String.valueOf(r.get("id")), r -> r.get("n"))
        .containsExactlyInAnyOrder(tuple(ids.getFirst(), 3), tuple(ids.getLast(), 3));
    for (String table : List.of("silver.orders", "bronze.orders_changes")) {
      for (String id : ids) {
        assertThat(
                IcebergGenerics.read(lake.catalog().load(table))
                    .where(Expressions.equal("id", id))
                    .build())
            .as("%s in %s", id, table)
            .hasSize(table.startsWith("bronze") ? 3 : 1);
      }
    }
  }

  private static Schema order(Schema n, Schema amount, boolean hasNote) {
    boolean wide = n.getType() == Schema.Type.LONG;
    var fields = SchemaBuilder.record("orders").namespace("test").fields();
    fields = wide ? fields.requiredLong("id") : fields.requiredInt("id");
    fields = fields.name("n").type(n).noDefault().name("amount").type(amount).noDefault();
    return hasNote ? fields.optionalString("note").endRecord() : fields.endRecord();
  }

  private static Schema decimal(int precision) {
    return logical(LogicalTypes.decimal(precision, 2), Schema.Type.BYTES);
  }

  private static Schema json() {
    Schema json = Schema.create(Schema.Type.STRING);
    json.addProp("millrace.type", "jsonb");
    return json;
  }

  private static Schema logical(LogicalType logical, Schema.Type type) {
    return logical.addToSchema(Schema.create(type));
  }

  private static Schema nullable(Schema schema) {
    return Schema.createUnion(Schema.create(Schema.Type.NULL), schema);
  }

  private void take(String op, Schema key, Row row) {
    @Nullable Object id = row.get(0);
    records
        .change("orders", op, TestRecords.row(key, id), row, lsn++, 0)
        .forEach(one -> orders.record(one.key(), one.value()));
  }

  private void end() {
    commits.send(orders.end());
  }

  private void commit() {
    end();
    commits.commit("silver.orders");
    commits.commit("bronze.orders_changes");
  }
}

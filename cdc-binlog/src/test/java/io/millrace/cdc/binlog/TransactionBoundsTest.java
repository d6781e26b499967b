package io.millrace.cdc.binlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TransactionBoundsTest {
  private static final Schema TRANSACTION =
      SchemaBuilder.struct()
          .field("status", Schema.STRING_SCHEMA)
          .field("id", Schema.STRING_SCHEMA)
          .field("ts_ms", Schema.INT64_SCHEMA)
          .build();
  private static final Schema ROW =
      SchemaBuilder.struct()
          .field("op", Schema.STRING_SCHEMA)
          .field("after", Schema.OPTIONAL_STRING_SCHEMA)
          .build();
  private static final Schema CHANGE =
      SchemaBuilder.struct().field("type", Schema.STRING_SCHEMA).build();
  private static final Schema DEFINITION =
      SchemaBuilder.struct().field("tableChanges", SchemaBuilder.array(CHANGE).build()).build();

  /** As MySQL's connector has it, which does not begin every transaction. */
  private static final Schema SOURCE =
      SchemaBuilder.struct()
          .field("gtid", Schema.OPTIONAL_STRING_SCHEMA)
          .field("ts_ms", Schema.INT64_SCHEMA)
          .field("table", Schema.STRING_SCHEMA)
          .build();

  private static final Schema WITHIN =
      SchemaBuilder.struct()
          .field("id", Schema.STRING_SCHEMA)
          .field("total_order", Schema.INT64_SCHEMA)
          .field("data_collection_order", Schema.INT64_SCHEMA)
          .optional()
          .build();
  private static final Schema ALONE =
      SchemaBuilder.struct()
          .field("op", Schema.STRING_SCHEMA)
          .field("after", Schema.OPTIONAL_STRING_SCHEMA)
          .field("source", SOURCE)
          .field("transaction", WITHIN)
          .build();
  private static final Schema ALONE_DEFINITION =
      SchemaBuilder.struct()
          .field("tableChanges", SchemaBuilder.array(CHANGE).build())
          .field("source", SOURCE)
          .build();

  /** Sets as a list of identifiers. */
  private static final GtidSets SETS =
      new GtidSets() {
        @Override
        public String with(String set, String gtid) {
          return set + gtid + ";";
        }

        @Override
        public String including(String set, String passed) {
          return passed.length() > set.length() ? passed : set;
        }

        @Override
        public boolean contains(String set, String gtid) {
          return set.contains(gtid + ";");
        }
      };

  private final TransactionBounds bounds =
      new TransactionBounds(
          "shop", SETS, new BinlogPlace("t0;", new BinlogPosition("bin.000001", 4), "t0"));
  private final List<SourceRecord> out = new ArrayList<>();

  private static SourceRecord record(String topic, long position, Schema schema, Struct value) {
    return record(topic, Map.of("file", "bin.000001", "pos", position), schema, value);
  }

  private static SourceRecord record(
      String topic, Map<String, ?> offset, @Nullable Schema schema, @Nullable Struct value) {
    return new SourceRecord(Map.of(), offset, topic, schema, value);
  }

  private void transaction(String status, String id, long position) {
    Struct value = new Struct(TRANSACTION).put("status", status).put("id", id).put("ts_ms", 5L);
    bounds.accept(record("shop.transaction", position, TRANSACTION, value), out);
  }

  private void row(String op, long position) {
    bounds.accept(record("shop.shop.item", position, ROW, new Struct(ROW).put("op", op)), out);
  }

  private void definition(String type, long position) {
    Struct change = new Struct(CHANGE).put("type", type);
    Struct value = new Struct(DEFINITION).put("tableChanges", List.of(change));
    bounds.accept(record("shop", position, DEFINITION, value), out);
  }

  private List<String> seen() {
    return out.stream().map(TransactionBoundsTest::text).toList();
  }

  private static String text(SourceRecord record) {
    if (!(record.value() instanceof Struct value)) {
      return "pulse " + record.sourceOffset().get("gtids");
    }
    if (value.schema().field("op") != null) {
      return value.getString("op");
    }
    String status = value.getString("status");
    return status.equals("BEGIN")
        ? "BEGIN " + value.getString("id")
        : "END %s at %s of %s"
            .formatted(
                value.getString("id"),
                record.sourceOffset().get("pos"),
                record.sourceOffset().get("gtids"));
  }

  @Test
  void anEndHasTheSetWithItsTransaction() {
    // when
    transaction("BEGIN", "t1", 100);
    row("c", 120);
    row("u", 140);
    transaction("END", "t1", 100);

    // then
    assertThat(seen()).containsExactly("BEGIN t1", "c", "u", "END t1 at 100 of t0;t1;");
    assertThat(TransactionBounds.micros(out.getLast())).isEqualTo(5_000);
  }

  @Test
  void aDefinitionAndATruncateEndTheirTransaction() {
    // when
    transaction("BEGIN", "t1", 100);
    definition("ALTER", 120);
    transaction("BEGIN", "t2", 200);
    row("t", 220);
    transaction("BEGIN", "t3", 300);
    row("c", 320);
    transaction("END", "t3", 300);

    // then
    assertThat(seen())
        .containsExactly(
            "BEGIN t1",
            "END t1 at 100 of t0;t1;",
            "BEGIN t2",
            "t",
            "END t2 at 200 of t0;t1;t2;",
            "BEGIN t3",
            "c",
            "END t3 at 300 of t0;t1;t2;t3;");
  }

  @Test
  void aDefinitionOfATableThatNoOneAskedForIsPassedOver() {
    // when
    transaction("BEGIN", "t1", 100);
    transaction("BEGIN", "t2", 200);
    row("c", 220);
    transaction("END", "t2", 200);

    // then
    assertThat(seen()).containsExactly("BEGIN t2", "c", "END t2 at 200 of t0;t1;t2;");
  }

  @Test
  void aTableMadeByAQueryHasItsRowsInTheSameTransaction() {
    // when
    transaction("BEGIN", "t1", 100);
    definition("CREATE", 120);
    row("c", 140);
    transaction("END", "t1", 100);

    // then
    assertThat(seen()).containsExactly("BEGIN t1", "c", "END t1 at 100 of t0;t1;");
  }

  private static Struct source(String gtid) {
    return new Struct(SOURCE).put("gtid", gtid).put("ts_ms", 7L).put("table", "item");
  }

  private static Map<String, ?> offset(String gtids, long position) {
    return Map.of("file", "bin.000001", "pos", position, "gtids", gtids);
  }

  private void alone(String op, String gtids, String gtid, long position) {
    Struct value = new Struct(ALONE).put("op", op).put("source", source(gtid));
    bounds.accept(record("shop.shop.item", offset(gtids, position), ALONE, value), out);
  }

  private void aloneDefinition(String gtids, String gtid, long position) {
    Struct value =
        new Struct(ALONE_DEFINITION)
            .put("tableChanges", List.of(new Struct(CHANGE).put("type", "ALTER")))
            .put("source", source(gtid));
    bounds.accept(record("shop", offset(gtids, position), ALONE_DEFINITION, value), out);
  }

  @Test
  void aStatementWithoutABeginningIsATransaction() {
    // when: one on two tables, after one that no record told of
    aloneDefinition("t0;g1;", "t2", 100);
    aloneDefinition("t0;g1;", "t2", 100);
    alone("t", "t0;g1;t2;", "t3", 200);

    // then
    assertThat(seen())
        .containsExactly(
            "BEGIN t2",
            "END t2 at 100 of t0;g1;t2;",
            "BEGIN t3",
            "t",
            "END t3 at 200 of t0;g1;t2;t3;");
    assertThat(((Struct) out.get(3).value()).getStruct("transaction").getInt64("total_order"))
        .isEqualTo(1);
    assertThat(TransactionBounds.micros(out.getLast())).isEqualTo(7_000);
  }

  @Test
  void rowsWithoutATransactionAreRefused() {
    assertThatThrownBy(() -> alone("c", "t0;", "t1", 100))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Rows of table item", "XA");
  }

  @Test
  void whatComesTwiceIsRefused() {
    // given
    transaction("BEGIN", "t1", 100);
    row("c", 120);

    // then: the connection was lost within the transaction
    assertThatThrownBy(() -> transaction("BEGIN", "t1", 100))
        .isInstanceOf(ConnectionLostException.class);
    assertThatThrownBy(() -> transaction("BEGIN", "t0", 4))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("XA");
  }

  @Test
  void theEndOfTheSnapshotIsSaidAtOnce() {
    // given
    TransactionBounds fresh = new TransactionBounds("shop", SETS, null);
    Map<String, Object> within = new HashMap<>(Map.of("file", "bin.000001", "pos", 90L));
    within.put("gtids", "t0;");
    within.put("snapshot", "INITIAL");
    Map<String, Object> last = new HashMap<>(within);
    last.remove("snapshot");

    // when
    fresh.accept(record("shop", within, DEFINITION, new Struct(DEFINITION)), out);
    fresh.accept(record("shop.shop.item", within, ROW, new Struct(ROW).put("op", "r")), out);
    fresh.accept(record("shop.shop.item", last, ROW, new Struct(ROW).put("op", "r")), out);

    // then
    assertThat(seen()).containsExactly("r", "r", "pulse t0;");
  }
}

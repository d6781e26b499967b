package io.millrace.runtime.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.PipelineSchemas;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.Row;
import io.millrace.schemas.SourceMetadata;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class SourceChangeSerdeTest {
  private static final Schema ORDERS =
      SchemaBuilder.record("orders")
          .namespace("io.millrace.shop")
          .fields()
          .requiredString("order_id")
          .optionalLong("customer_id")
          .requiredString("status")
          .endRecord();
  private static final Schema ENVELOPE = ChangeEvent.schema(ORDERS);

  private final LocalSchemaRegistry registry = new LocalSchemaRegistry();
  private final RowSerde events = new RowSerde(registry, "shop.cdc.orders-value", ENVELOPE);

  @Test
  void decodesTheWantedColumnsThenTheMetadata() {
    // given
    SourceChangeSerde serde =
        new SourceChangeSerde(registry, columns(ORDERS, "status", "order_id"));
    byte[] bytes = event(order("o1", "paid"), order("o1", "new"), "u", 5L, "0a-1");

    // when
    SourceChange change = serde.deserializer().deserialize("shop.cdc.orders", bytes);

    // then
    Row row = Objects.requireNonNull(change.row());
    assertThat(row.values()).containsExactly("paid", "o1", 5L, "0a-1");
    assertThat(row.getSchema().getFields())
        .extracting(Schema.Field::name)
        .containsExactly("status", "order_id", "_source_ts", "_source_pos");
    assertThat(change.row()).isSameAs(row);
  }

  @Test
  void aDeleteHasNoRow() {
    // given
    SourceChangeSerde serde = new SourceChangeSerde(registry, columns(ORDERS, "order_id"));
    byte[] bytes = event(null, order("o1", "new"), "d", 6L, "0b-1");

    // when
    SourceChange change = serde.deserializer().deserialize("shop.cdc.orders", bytes);

    // then
    assertThat(change.row()).isNull();
  }

  @Test
  void writesTheBytesThatItRead() {
    // given
    SourceChangeSerde serde = new SourceChangeSerde(registry, columns(ORDERS, "order_id"));
    byte[] bytes = event(order("o1", "paid"), null, "c", 5L, "0a-1");

    // when
    SourceChange change = serde.deserializer().deserialize("shop.cdc.orders", bytes);

    // then
    assertThat(serde.serializer().serialize("store", change)).isSameAs(bytes);
    assertThat(serde.serializer().serialize("store", null)).isNull();
    assertThat(serde.deserializer().deserialize("shop.cdc.orders", null)).isNull();
  }

  @Test
  void readsEventsOfATableThatHasGrownAColumn() {
    // given
    List<Schema.Field> fields = new ArrayList<>();
    ORDERS.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
    fields.add(1, new Schema.Field("note", optional(), null, Schema.Field.NULL_DEFAULT_VALUE));
    Schema grown = Schema.createRecord("orders", null, "io.millrace.shop", false, fields);
    SourceChangeSerde before = new SourceChangeSerde(registry, columns(ORDERS, "status"));
    SourceChangeSerde after = new SourceChangeSerde(registry, columns(grown, "note", "status"));
    byte[] early = event(order("o1", "paid"), null, "c", 5L, "0a-1");
    RowSerde grownEvents =
        new RowSerde(registry, "shop.cdc.orders-value", ChangeEvent.schema(grown));
    Row wide = new Row(grown, new @Nullable Object[] {"o2", "a note", null, "new"});
    byte[] late =
        grownEvents.serializer().serialize("t", envelope(grown, wide, null, "c", 9L, "0c"));

    // when / then
    assertThat(row(before, late).values()).containsExactly("new", 9L, "0c");
    assertThat(row(after, late).values()).containsExactly("a note", "new", 9L, "0c");
    assertThat(row(after, early).values()).containsExactly(null, "paid", 5L, "0a-1");
  }

  /** The change is right, and what reads it is of before the column was altered. */
  @Test
  void aChangeOfAfterAColumnWasWidenedIsNotPoison() {
    // given
    Schema narrow =
        SchemaBuilder.record("orders")
            .namespace("io.millrace.shop")
            .fields()
            .requiredString("order_id")
            .optionalInt("customer_id")
            .requiredString("status")
            .endRecord();
    byte[] bytes = event(order("o1", "paid"), null, "c", 5L, "0a-1");

    // when / then
    assertThatThrownBy(
            () -> row(new SourceChangeSerde(registry, columns(narrow, "customer_id")), bytes))
        .isInstanceOf(OutdatedSchemaException.class)
        .hasMessageContaining("column customer_id of orders is a nullable long now");
    assertThat(row(new SourceChangeSerde(registry, columns(narrow, "status")), bytes).values())
        .startsWith("paid");
  }

  @Test
  void aChangeOfAnotherTableIsPoison() {
    // given two tables with the same columns
    Schema refunds =
        Schema.createRecord("refunds", null, ORDERS.getNamespace(), false, copy(ORDERS));
    SourceChangeSerde serde = new SourceChangeSerde(registry, columns(refunds, "order_id"));

    // when / then
    assertThatThrownBy(() -> row(serde, event(order("o1", "paid"), null, "c", 5L, "0a-1")))
        .isInstanceOf(SerializationException.class)
        .rootCause()
        .hasMessageContaining("a change of " + ORDERS.getFullName());
  }

  @Test
  void aCutOrLengthenedChangeIsPoison() {
    // given
    SourceChangeSerde serde = new SourceChangeSerde(registry, columns(ORDERS, "order_id"));
    byte[] good = event(order("o1", "paid"), null, "c", 5L, "0a-1");

    // when / then
    assertThat(row(serde, good).get(0)).isEqualTo("o1");
    assertThatThrownBy(() -> row(serde, Arrays.copyOf(good, good.length - 1)))
        .isInstanceOf(SerializationException.class);
    assertThatThrownBy(() -> row(serde, Arrays.copyOf(good, good.length + 1)))
        .isInstanceOf(SerializationException.class);
  }

  private static List<Schema.Field> copy(Schema record) {
    return record.getFields().stream()
        .map(field -> new Schema.Field(field, field.schema()))
        .toList();
  }

  @Test
  void aRecordThatIsNoChangeEventIsPoison() {
    // given
    SourceChangeSerde serde = new SourceChangeSerde(registry, columns(ORDERS, "order_id"));
    byte[] plain =
        new RowSerde(registry, "other-value", ORDERS)
            .serializer()
            .serialize("t", order("o1", "paid"));

    // when / then
    assertThatThrownBy(() -> row(serde, plain))
        .isInstanceOf(SerializationException.class)
        .rootCause()
        .hasMessageContaining("not a change event");
  }

  private static Schema optional() {
    return Schema.createUnion(Schema.create(Schema.Type.NULL), Schema.create(Schema.Type.STRING));
  }

  private static Row row(SourceChangeSerde serde, byte[] bytes) {
    return Objects.requireNonNull(serde.deserializer().deserialize("t", bytes).row());
  }

  private static Schema columns(Schema table, String... names) {
    Schema relation = PipelineSchemas.relation("orders", ORDERS, ChangeEvent.schema(table)).row();
    List<Schema.Field> fields = new ArrayList<>();
    for (String name : names) {
      fields.add(new Schema.Field(relation.getField(name), relation.getField(name).schema()));
    }
    fields.add(new Schema.Field(SourceMetadata.SOURCE_TS, SourceMetadata.sourceTs()));
    fields.add(new Schema.Field(SourceMetadata.SOURCE_POS, SourceMetadata.sourcePos()));
    return Schema.createRecord(table.getName(), null, table.getNamespace(), false, fields);
  }

  private static Row order(String id, String status) {
    return new Row(ORDERS, new @Nullable Object[] {id, 1L, status});
  }

  private byte[] event(
      @Nullable Row after, @Nullable Row before, String op, long ts, String position) {
    return events.serializer().serialize("t", envelope(ORDERS, after, before, op, ts, position));
  }

  private static Row envelope(
      Schema table,
      @Nullable Row after,
      @Nullable Row before,
      String op,
      long ts,
      String position) {
    Row source =
        new Row(
            ChangeEvent.SOURCE_SCHEMA,
            new @Nullable Object[] {
              "postgresql", "shop", ts, "false", "shop", "public", "orders", 1L, 2L
            });
    return new Row(
        ChangeEvent.schema(table),
        new @Nullable Object[] {before, after, op, ts / 1000, source, null, ts, position});
  }
}

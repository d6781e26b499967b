package io.millrace.sink;

import static java.util.Objects.requireNonNull;

import io.millrace.runtime.serde.RowSerde;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.Row;
import io.millrace.schemas.SourceMetadata;
import io.millrace.schemas.Topics;
import java.math.BigDecimal;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/** Change events and view rows as the stages before the sink write them. */
public final class TestRecords {
  public static final Schema DECIMAL =
      LogicalTypes.decimal(12, 2).addToSchema(Schema.create(Schema.Type.BYTES));
  public static final Schema TIMESTAMP = SourceMetadata.sourceTs();

  public static final Schema ORDER_KEY =
      SchemaBuilder.record("orders_key").namespace("test").fields().requiredLong("id").endRecord();
  public static final Schema ORDER =
      SchemaBuilder.record("orders")
          .namespace("test")
          .fields()
          .requiredLong("id")
          .optionalString("status")
          .name("amount")
          .type(DECIMAL)
          .noDefault()
          .endRecord();
  public static final Schema CLICK_KEY =
      SchemaBuilder.record("clicks_key").namespace("test").fields().requiredLong("id").endRecord();
  public static final Schema CLICK =
      SchemaBuilder.record("clicks")
          .namespace("test")
          .fields()
          .requiredLong("id")
          .requiredString("url")
          .endRecord();
  public static final Schema SALE_KEY =
      SchemaBuilder.record("sales_key").namespace("test").fields().requiredLong("id").endRecord();
  public static final Schema SALE =
      SchemaBuilder.record("sales")
          .namespace("test")
          .fields()
          .requiredLong("id")
          .optionalString("country")
          .name(SourceMetadata.SOURCE_TS)
          .type(TIMESTAMP)
          .noDefault()
          .requiredString(SourceMetadata.SOURCE_POS)
          .endRecord();
  public static final Schema REVENUE_KEY =
      SchemaBuilder.record("revenue_key")
          .namespace("test")
          .fields()
          .name("window_start")
          .type(TIMESTAMP)
          .noDefault()
          .optionalString("country")
          .endRecord();
  public static final Schema REVENUE =
      SchemaBuilder.record("revenue")
          .namespace("test")
          .prop("millrace.window", "window_start")
          .fields()
          .name("window_start")
          .type(TIMESTAMP)
          .noDefault()
          .optionalString("country")
          .name("revenue")
          .type(DECIMAL)
          .noDefault()
          .name(SourceMetadata.SOURCE_TS)
          .type(TIMESTAMP)
          .noDefault()
          .requiredString(SourceMetadata.SOURCE_POS)
          .endRecord();

  private final SchemaRegistry registry;
  private final Topics topics;
  private final AtomicLong lsn = new AtomicLong(1000);

  /** Records of a pipeline's topics. */
  public TestRecords(Topics topics, SchemaRegistry registry) {
    this.topics = topics;
    this.registry = registry;
  }

  /** A record's bytes. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Encoded(String topic, byte @Nullable [] key, byte @Nullable [] value) {}

  /** Registers the schemas of all topics, as the stages do at their start. */
  void register() {
    register(topics.changes("orders"), ORDER_KEY, ChangeEvent.schema(ORDER));
    register(topics.changes("clicks"), CLICK_KEY, ChangeEvent.schema(CLICK));
    register(topics.view("sales"), SALE_KEY, SALE);
    register(topics.aggregate("revenue"), REVENUE_KEY, REVENUE);
  }

  private void register(String topic, Schema key, Schema value) {
    registry.register(Topics.keySubject(topic), key);
    registry.register(Topics.valueSubject(topic), value);
  }

  /** An order's row. */
  public static Row order(long id, @Nullable String status, String amount) {
    return new Row(ORDER, new Object[] {id, status, new BigDecimal(amount)});
  }

  /** A change of an order. */
  public List<Encoded> order(String op, Row row) {
    return change("orders", op, row(ORDER_KEY, row.get(0)), row, lsn.incrementAndGet(), 0);
  }

  /** A change of an order whose amount has more digits than its schema says. */
  public Encoded orderOfTooManyDigits(long id) {
    Encoded order = order("u", order(id, "open", "1.00")).getFirst();
    Schema wide = LogicalTypes.decimal(38, 2).addToSchema(Schema.create(Schema.Type.BYTES));
    Schema row =
        SchemaBuilder.record("orders")
            .namespace("test")
            .fields()
            .requiredLong("id")
            .optionalString("status")
            .name("amount")
            .type(wide)
            .noDefault()
            .endRecord();
    byte[] value =
        requireNonNull(
            change(
                    "wide",
                    "u",
                    row(ORDER_KEY, id),
                    row(row, id, "open", new BigDecimal("12345678901234567890.00")),
                    1,
                    0)
                .getFirst()
                .value());
    System.arraycopy(requireNonNull(order.value()), 0, value, 0, 5);
    return new Encoded(order.topic(), order.key(), value);
  }

  /** A click. */
  public List<Encoded> click(String op, long id, String url) {
    return change("clicks", op, row(CLICK_KEY, id), row(CLICK, id, url), lsn.incrementAndGet(), 0);
  }

  /** A row of the view. */
  public List<Encoded> sale(long id, @Nullable String country) {
    return List.of(
        encoded(
            topics.view("sales"),
            row(SALE_KEY, id),
            row(
                SALE,
                id,
                country,
                now(),
                SourceMetadata.postgresPosition(lsn.incrementAndGet(), 0))));
  }

  /** A delete of the view. */
  public List<Encoded> deleteSale(long id) {
    return List.of(encoded(topics.view("sales"), row(SALE_KEY, id), null));
  }

  /** A row of the aggregate. */
  public List<Encoded> revenue(long windowStart, @Nullable String country, String revenue) {
    return List.of(
        encoded(
            topics.aggregate("revenue"),
            row(REVENUE_KEY, windowStart, country),
            row(
                REVENUE,
                windowStart,
                country,
                new BigDecimal(revenue),
                now(),
                SourceMetadata.postgresPosition(lsn.incrementAndGet(), 0))));
  }

  /** A delete of the aggregate. */
  public List<Encoded> deleteRevenue(long windowStart, @Nullable String country) {
    return List.of(
        encoded(topics.aggregate("revenue"), row(REVENUE_KEY, windowStart, country), null));
  }

  /** A change event, and behind a delete its tombstone. */
  public List<Encoded> change(String table, String op, Row key, Row row, long at, long order) {
    String topic = topics.changes(table);
    boolean isDelete = op.equals("d");
    Row source =
        row(
            ChangeEvent.SOURCE_SCHEMA,
            "postgresql",
            "test",
            now(),
            op.equals("r") ? "true" : "false",
            "db",
            "public",
            table,
            null,
            at);
    Row event =
        row(
            ChangeEvent.schema(row.getSchema()),
            isDelete ? row : null,
            isDelete ? null : row,
            op,
            System.currentTimeMillis(),
            source,
            null,
            now(),
            SourceMetadata.postgresPosition(at, order));
    Encoded change = encoded(topic, key, event);
    return isDelete ? List.of(change, encoded(topic, key, null)) : List.of(change);
  }

  /** A row. */
  public static Row row(Schema schema, @Nullable Object... values) {
    return new Row(schema, values);
  }

  private static long now() {
    return System.currentTimeMillis() * 1000;
  }

  private Encoded encoded(String topic, Row key, @Nullable Row value) {
    return new Encoded(
        topic,
        encode(Topics.keySubject(topic), key),
        value == null ? null : encode(Topics.valueSubject(topic), value));
  }

  private byte[] encode(String subject, Row row) {
    try (RowSerde serde = new RowSerde(registry, subject, row.getSchema())) {
      return serde.serializer().serialize(subject, row);
    }
  }
}

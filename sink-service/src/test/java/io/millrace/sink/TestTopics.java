package io.millrace.sink;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.serde.RowSerde;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.Row;
import io.millrace.schemas.SourceMetadata;
import io.millrace.schemas.Topics;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Writes change events and view rows as the stages before the sink do. */
final class TestTopics implements AutoCloseable {
  static final Schema DECIMAL =
      LogicalTypes.decimal(12, 2).addToSchema(Schema.create(Schema.Type.BYTES));
  static final Schema TIMESTAMP = SourceMetadata.sourceTs();

  static final Schema ORDER_KEY =
      SchemaBuilder.record("orders_key").namespace("test").fields().requiredLong("id").endRecord();
  static final Schema ORDER =
      SchemaBuilder.record("orders")
          .namespace("test")
          .fields()
          .requiredLong("id")
          .optionalString("status")
          .name("amount")
          .type(DECIMAL)
          .noDefault()
          .endRecord();
  static final Schema CLICK_KEY =
      SchemaBuilder.record("clicks_key").namespace("test").fields().requiredLong("id").endRecord();
  static final Schema CLICK =
      SchemaBuilder.record("clicks")
          .namespace("test")
          .fields()
          .requiredLong("id")
          .requiredString("url")
          .endRecord();
  static final Schema SALE_KEY =
      SchemaBuilder.record("sales_key").namespace("test").fields().requiredLong("id").endRecord();
  static final Schema SALE =
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
  static final Schema REVENUE_KEY =
      SchemaBuilder.record("revenue_key")
          .namespace("test")
          .fields()
          .name("window_start")
          .type(TIMESTAMP)
          .noDefault()
          .optionalString("country")
          .endRecord();
  static final Schema REVENUE =
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
  private final KafkaProducer<byte[], byte[]> producer;
  private final List<Future<RecordMetadata>> sent = new ArrayList<>();
  private final AtomicLong lsn = new AtomicLong(1000);

  TestTopics(PipelineFile pipeline, SchemaRegistry registry) {
    this.registry = registry;
    this.topics = pipeline.topicNames();
    this.producer =
        new KafkaProducer<>(
            KafkaSettings.client(pipeline, "test"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

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
  static Row order(long id, @Nullable String status, String amount) {
    return new Row(ORDER, new Object[] {id, status, new BigDecimal(amount)});
  }

  void order(String op, Row row) {
    change("orders", op, row(ORDER_KEY, row.get(0)), row, lsn.incrementAndGet());
  }

  void click(String op, long id, String url) {
    change("clicks", op, row(CLICK_KEY, id), row(CLICK, id, url), lsn.incrementAndGet());
  }

  void sale(long id, @Nullable String country) {
    long now = System.currentTimeMillis() * 1000;
    send(
        topics.view("sales"),
        row(SALE_KEY, id),
        row(SALE, id, country, now, SourceMetadata.postgresPosition(lsn.incrementAndGet(), 0)));
  }

  void deleteSale(long id) {
    send(topics.view("sales"), row(SALE_KEY, id), null);
  }

  void revenue(long windowStart, @Nullable String country, String revenue) {
    long now = System.currentTimeMillis() * 1000;
    send(
        topics.aggregate("revenue"),
        row(REVENUE_KEY, windowStart, country),
        row(
            REVENUE,
            windowStart,
            country,
            new BigDecimal(revenue),
            now,
            SourceMetadata.postgresPosition(lsn.incrementAndGet(), 0)));
  }

  void deleteRevenue(long windowStart, @Nullable String country) {
    send(topics.aggregate("revenue"), row(REVENUE_KEY, windowStart, country), null);
  }

  /** A change event, and behind a delete its tombstone. */
  void change(String table, String op, Row key, Row row, long at) {
    String topic = topics.changes(table);
    Schema envelope = ChangeEvent.schema(row.getSchema());
    boolean isDelete = op.equals("d");
    Row source =
        row(
            ChangeEvent.SOURCE_SCHEMA,
            "postgresql",
            "test",
            System.currentTimeMillis() * 1000,
            op.equals("r") ? "true" : "false",
            "db",
            "public",
            table,
            null,
            at);
    Row event =
        row(
            envelope,
            isDelete ? row : null,
            isDelete ? null : row,
            op,
            System.currentTimeMillis(),
            source,
            null,
            System.currentTimeMillis() * 1000,
            SourceMetadata.postgresPosition(at, 0));
    send(topic, key, event);
    if (isDelete) {
      send(topic, key, null);
    }
  }

  static Row row(Schema schema, @Nullable Object... values) {
    return new Row(schema, values);
  }

  private void send(String topic, Row key, @Nullable Row value) {
    sendBytes(
        topic,
        encode(Topics.keySubject(topic), key),
        value == null ? null : encode(Topics.valueSubject(topic), value));
  }

  void sendBytes(String topic, byte @Nullable [] key, byte @Nullable [] value) {
    sent.add(producer.send(new ProducerRecord<>(topic, key, value)));
  }

  byte[] encode(String subject, Row row) {
    try (RowSerde serde = new RowSerde(registry, subject, row.getSchema())) {
      return serde.serializer().serialize(subject, row);
    }
  }

  /** Waits until the broker has everything sent so far. */
  void flush() {
    producer.flush();
    for (Future<RecordMetadata> result : sent) {
      try {
        result.get();
      } catch (InterruptedException | ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
    sent.clear();
  }

  @Override
  public void close() {
    producer.close();
  }
}

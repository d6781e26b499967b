package io.millrace.benchmarks.sink;

import io.millrace.benchmarks.workload.RetailTransaction.Invoice;
import io.millrace.benchmarks.workload.RetailTransaction.Line;
import io.millrace.runtime.serde.RowSerde;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.Row;
import io.millrace.schemas.SourceMetadata;
import io.millrace.schemas.Topics;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.BiConsumer;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.common.serialization.Serializer;

/** Change events of inserted order lines, as cdc-connector writes them. */
final class OrderLineEvents {
  private static final String NAMESPACE = "io.millrace.sinkbench";
  private static final int PRECISION = 12;
  private static final int SCALE = 2;
  private static final long BYTES_OF_LOG = 200;
  private static final long MICROS_BETWEEN_COMMITS = 300;

  private static final Schema KEY =
      SchemaBuilder.record("order_lines_key")
          .namespace(NAMESPACE)
          .fields()
          .requiredString("order_id")
          .requiredInt("line_no")
          .endRecord();

  private static final Schema ROW =
      SchemaBuilder.record("order_lines")
          .namespace(NAMESPACE)
          .fields()
          .requiredString("order_id")
          .requiredInt("line_no")
          .requiredString("product_id")
          .requiredInt("quantity")
          .name("unit_price")
          .type(
              LogicalTypes.decimal(PRECISION, SCALE).addToSchema(Schema.create(Schema.Type.BYTES)))
          .noDefault()
          .endRecord();

  private static final Schema EVENT = ChangeEvent.schema(ROW);

  private final String topic;
  private final Serializer<Row> keys;
  private final Serializer<Row> events;

  /** Today: no run is so long that a row would belong to tomorrow's partition. */
  private final Instant start = Instant.now().truncatedTo(ChronoUnit.DAYS);

  private long lsn = 1L << 24;
  private long transactions;

  OrderLineEvents(SchemaRegistry registry, String topic) {
    this.topic = topic;
    this.keys = new RowSerde(registry, Topics.keySubject(topic), KEY).serializer();
    this.events = new RowSerde(registry, Topics.valueSubject(topic), EVENT).serializer();
  }

  /** Gives key and value of every line of an invoice. */
  void encode(Invoice invoice, BiConsumer<byte[], byte[]> record) {
    transactions++;
    for (int i = 0; i < invoice.lines().size(); i++) {
      lsn += BYTES_OF_LOG;
      Row key = new Row(KEY, new Object[] {invoice.orderId(), i + 1});
      Row event = event(invoice.orderId(), i + 1, invoice.lines().get(i));
      record.accept(keys.serialize(topic, key), events.serialize(topic, event));
    }
  }

  private Row event(String order, int number, Line line) {
    long committed = start.toEpochMilli() * 1000 + transactions * MICROS_BETWEEN_COMMITS;
    Row event = new Row(EVENT);
    event.put(
        ChangeEvent.AFTER,
        new Row(
            ROW,
            new Object[] {order, number, line.productId(), line.quantity(), line.unitPrice()}));
    event.put(ChangeEvent.OP, "c");
    event.put(ChangeEvent.TS_MS, committed / 1000);
    event.put(
        ChangeEvent.SOURCE,
        new Row(
            ChangeEvent.SOURCE_SCHEMA,
            new Object[] {
              "postgresql",
              "sinkbench",
              committed,
              "false",
              "shop",
              "public",
              "order_lines",
              transactions,
              lsn
            }));
    event.put(
        ChangeEvent.TRANSACTION,
        new Row(
            ChangeEvent.TRANSACTION_SCHEMA,
            new Object[] {transactions + ":" + lsn, (long) number, (long) number}));
    event.put(ChangeEvent.SOURCE_TS, committed);
    event.put(ChangeEvent.SOURCE_POS, SourceMetadata.postgresPosition(lsn, number));
    return event;
  }
}

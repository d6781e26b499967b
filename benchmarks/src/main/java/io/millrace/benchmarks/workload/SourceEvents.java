package io.millrace.benchmarks.workload;

import io.millrace.runtime.serde.RowSerde;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.Row;
import io.millrace.schemas.SourceMetadata;
import io.millrace.schemas.Topics;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.BiConsumer;
import org.apache.avro.Schema;
import org.apache.kafka.common.serialization.Serializer;

/** Change events of one table as cdc-connector writes them, without a database. */
public final class SourceEvents {
  private static final long BYTES_OF_LOG = 200;
  private static final long MICROS_BETWEEN_COMMITS = 300;

  private final String topic;
  private final Schema schema;
  private final Serializer<Row> keys;
  private final Serializer<Row> events;

  /** Today: no run is so long that a row would belong to tomorrow's partition. */
  private final Instant start = Instant.now().truncatedTo(ChronoUnit.DAYS);

  private long lsn = 1L << 24;
  private long transactions;
  private long inTransaction;

  /**
   * Events of a topic.
   *
   * @param key of its keys
   * @param row of the table's rows, named as the table
   */
  public SourceEvents(SchemaRegistry registry, String topic, Schema key, Schema row) {
    this.topic = topic;
    this.schema = ChangeEvent.schema(row);
    this.keys = new RowSerde(registry, Topics.keySubject(topic), key).serializer();
    this.events = new RowSerde(registry, Topics.valueSubject(topic), schema).serializer();
  }

  /** What comes next belongs to a transaction of its own. */
  public void nextTransaction() {
    transactions++;
    inTransaction = 0;
  }

  /** Gives key and value of a row that was inserted ({@code c}) or updated ({@code u}). */
  public void encode(String op, Row key, Row row, BiConsumer<byte[], byte[]> record) {
    lsn += BYTES_OF_LOG;
    inTransaction++;
    record.accept(keys.serialize(topic, key), events.serialize(topic, event(op, row)));
  }

  private Row event(String op, Row row) {
    long committed = start.toEpochMilli() * 1000 + transactions * MICROS_BETWEEN_COMMITS;
    Row event = new Row(schema);
    event.put(ChangeEvent.AFTER, row);
    event.put(ChangeEvent.OP, op);
    event.put(ChangeEvent.TS_MS, committed / 1000);
    event.put(
        ChangeEvent.SOURCE,
        new Row(
            ChangeEvent.SOURCE_SCHEMA,
            new Object[] {
              "postgresql",
              "benchmarks",
              committed,
              "false",
              "shop",
              "public",
              row.getSchema().getName(),
              transactions,
              lsn
            }));
    event.put(
        ChangeEvent.TRANSACTION,
        new Row(
            ChangeEvent.TRANSACTION_SCHEMA,
            new Object[] {transactions + ":" + lsn, inTransaction, inTransaction}));
    event.put(ChangeEvent.SOURCE_TS, committed);
    event.put(ChangeEvent.SOURCE_POS, SourceMetadata.postgresPosition(lsn, inTransaction));
    return event;
  }
}

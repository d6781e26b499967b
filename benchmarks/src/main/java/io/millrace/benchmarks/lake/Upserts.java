package io.millrace.benchmarks.lake;

import io.millrace.benchmarks.workload.Fill;
import io.millrace.benchmarks.workload.Pace;
import io.millrace.benchmarks.workload.SourceEvents;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.serde.HttpSchemaRegistry;
import io.millrace.schemas.Row;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Random;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Upserts of random keys, all equally likely, at a steady rate. */
final class Upserts {
  private static final String NAMESPACE = "io.millrace.lakebench";
  private static final int IN_TRANSACTION = 10;

  private static final Schema KEY =
      SchemaBuilder.record("upserts_key")
          .namespace(NAMESPACE)
          .fields()
          .requiredLong("id")
          .endRecord();

  private static final Schema ROW =
      SchemaBuilder.record("upserts")
          .namespace(NAMESPACE)
          .fields()
          .requiredLong("id")
          .requiredInt("version")
          .requiredString("status")
          .name("amount")
          .type(LogicalTypes.decimal(12, 2).addToSchema(Schema.create(Schema.Type.BYTES)))
          .noDefault()
          .requiredString("note")
          .endRecord();

  private final PipelineFile pipeline;
  private final String topic;
  private final int[] versions;
  private final Random random;

  Upserts(PipelineFile pipeline, int keys, long seed) {
    this.pipeline = pipeline;
    this.topic = pipeline.topicNames().changes("upserts");
    this.versions = new int[keys];
    this.random = new Random(seed);
    Fill.create(pipeline, topic);
  }

  /** Sends so many. */
  void send(long rows, int perSecond) throws InterruptedException {
    SourceEvents events =
        new SourceEvents(new HttpSchemaRegistry(pipeline.registry()), topic, KEY, ROW);
    Pace pace = Pace.of(perSecond);
    try (KafkaProducer<byte[], byte[]> producer = Fill.producer(pipeline)) {
      for (long sent = 0; sent < rows; sent++) {
        if (sent % IN_TRANSACTION == 0) {
          pace.await(IN_TRANSACTION);
          events.nextTransaction();
        }
        int id = random.nextInt(versions.length);
        int version = ++versions[id];
        events.encode(
            version == 1 ? "c" : "u",
            new Row(KEY, new Object[] {(long) id}),
            row(id, version),
            (key, value) -> {
              var _ = producer.send(new ProducerRecord<>(topic, 0, key, value));
            });
      }
    }
  }

  private Row row(long id, int version) {
    return new Row(
        ROW,
        new Object[] {
          id,
          version,
          version % 3 == 0 ? "paid" : "open",
          BigDecimal.valueOf(random.nextInt(1_000_000), 2),
          Long.toHexString(random.nextLong())
        });
  }

  /** How many keys have a row. */
  long rows() {
    return Arrays.stream(versions).filter(version -> version > 0).count();
  }

  /** Sum of the rows' versions: how many upserts were sent. */
  long sumOfVersions() {
    return Arrays.stream(versions).asLongStream().sum();
  }
}

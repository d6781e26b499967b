package io.millrace.sink;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.DeadLetter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes records to a pipeline's topics as the stages before the sink do. */
final class TestTopics implements AutoCloseable {
  private final TestRecords records;
  private final KafkaProducer<byte[], byte[]> producer;
  private final List<Future<RecordMetadata>> sent = new ArrayList<>();

  TestTopics(PipelineFile pipeline, SchemaRegistry registry) {
    this.records = new TestRecords(pipeline.topicNames(), registry);
    this.producer =
        new KafkaProducer<>(
            KafkaSettings.client(pipeline, "test"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** Makes the records to be sent. */
  TestRecords records() {
    return records;
  }

  void send(List<TestRecords.Encoded> all) {
    for (TestRecords.Encoded one : all) {
      sent.add(producer.send(new ProducerRecord<>(one.topic(), one.key(), one.value())));
    }
  }

  /** Sends records as a replay does, for stages that could not use them. */
  void replay(List<TestRecords.Encoded> all, String stages) {
    for (TestRecords.Encoded one : all) {
      var record = new ProducerRecord<>(one.topic(), one.key(), one.value());
      record.headers().add(DeadLetter.REPLAY_FOR, stages.getBytes(StandardCharsets.UTF_8));
      sent.add(producer.send(record));
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

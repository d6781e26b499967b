package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The topic of the statements by which tables came to their columns. A row in a binary log has no
 * columns, only values: without the history none can be read. Each statement is in the Kafka
 * transaction of the first offset behind it, so the committed history is that of the committed
 * offset, neither more nor less.
 */
final class SchemaHistoryTopic {
  private static final Duration POLL = Duration.ofSeconds(1);

  /** In the place of a statement: what is before it is over. */
  private static final byte[] BEGINNING = "{}".getBytes(StandardCharsets.UTF_8);

  private final PipelineFile pipeline;
  private final String topic;
  private final byte[] key;

  SchemaHistoryTopic(PipelineFile pipeline) {
    this.pipeline = pipeline;
    this.topic = CdcTopics.history(pipeline);
    this.key = pipeline.source().connector().getBytes(StandardCharsets.UTF_8);
  }

  /** The record of a statement. */
  ProducerRecord<byte[], byte[]> record(byte[] statement) {
    return new ProducerRecord<>(topic, 0, key, statement);
  }

  /** What stands before the first statement of a history that takes the place of another one. */
  ProducerRecord<byte[], byte[]> beginning() {
    return record(BEGINNING);
  }

  /** The committed history. */
  List<byte[]> read() {
    Properties properties =
        KafkaSettings.client(pipeline, CdcTopics.connectorId(pipeline) + "-history");
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    TopicPartition partition = new TopicPartition(topic, 0);
    List<byte[]> statements = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (!Arrays.equals(record.key(), key)) {
            continue;
          }
          if (Arrays.equals(record.value(), BEGINNING)) {
            statements.clear();
          } else {
            statements.add(record.value());
          }
        }
      }
    }
    return statements;
  }
}

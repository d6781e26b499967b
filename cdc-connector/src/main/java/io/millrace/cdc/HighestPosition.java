package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads the change topics when no offset says what they hold: whether they hold anything, and up to
 * which position.
 */
final class HighestPosition {
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final int HEX = 16;

  private HighestPosition() {}

  /** The greatest LSN in the positions of committed change events; empty when there are none. */
  static OptionalLong of(PipelineFile pipeline) {
    Properties properties =
        KafkaSettings.client(pipeline, CdcTopics.connectorId(pipeline) + "-positions");
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    List<TopicPartition> partitions =
        pipeline.source().tables().keySet().stream()
            .map(pipeline.topicNames()::changes)
            .flatMap(topic -> partitions(pipeline, topic))
            .toList();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      return highest(consumer, consumer.endOffsets(partitions));
    }
  }

  private static Stream<TopicPartition> partitions(PipelineFile pipeline, String topic) {
    return IntStream.range(0, pipeline.topics().partitions())
        .mapToObj(partition -> new TopicPartition(topic, partition));
  }

  private static OptionalLong highest(
      KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    OptionalLong highest = OptionalLong.empty();
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        long lsn = record.value() == null ? 0 : lsn(record.value());
        highest = OptionalLong.of(Math.max(highest.orElse(0), lsn));
      }
    }
    return highest;
  }

  /** A change event ends with its position, whose length is fixed. */
  private static long lsn(byte[] event) {
    return Long.parseUnsignedLong(
        new String(event, event.length - Positions.LENGTH, HEX, StandardCharsets.US_ASCII), 16);
  }
}

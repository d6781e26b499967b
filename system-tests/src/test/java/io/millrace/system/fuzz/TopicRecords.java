package io.millrace.system.fuzz;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Reads what committed transactions wrote to a topic so far. */
final class TopicRecords {
  private TopicRecords() {}

  static void read(
      Map<String, String> kafka, String topic, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put("isolation.level", "read_committed");
    settings.put("enable.auto.commit", false);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      for (Map.Entry<TopicPartition, Long> end : consumer.endOffsets(partitions).entrySet()) {
        while (consumer.position(end.getKey()) < end.getValue()) {
          consumer.poll(Duration.ofMillis(200)).forEach(reader);
        }
      }
    }
  }

  /** A number by which a record's contents are compared. */
  static long checksum(byte @Nullable [] key, byte @Nullable [] value) {
    CRC32 sum = new CRC32();
    if (key != null) {
      sum.update(key);
    }
    sum.update(value == null ? 0 : 1);
    if (value != null) {
      sum.update(value);
    }
    return sum.getValue();
  }
}

package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The offset that a connector has committed, read by someone else. */
final class ConnectorOffsets {
  private ConnectorOffsets() {}

  static SourceOffset committed(PipelineFile file) {
    Properties properties = KafkaSettings.client(file, "offsets");
    properties.put("isolation.level", "read_committed");
    TopicPartition partition = new TopicPartition(CdcTopics.offsets(file), 0);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      SourceOffset last = null;
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          last = SourceOffset.of(record.value());
        }
      }
      if (last == null) {
        throw new IllegalStateException("nothing committed");
      }
      return last;
    }
  }
}

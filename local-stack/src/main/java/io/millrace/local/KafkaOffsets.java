package io.millrace.local;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** How far topics go, and how far groups have read them. Not thread-safe. */
public final class KafkaOffsets implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);

  private final Admin admin;
  private final KafkaConsumer<byte[], byte[]> consumer;

  /**
   * Of a broker.
   *
   * @param client settings of Kafka clients
   */
  public KafkaOffsets(Properties client) {
    Properties settings = new Properties();
    settings.putAll(client);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    this.admin = Admin.create(client);
    this.consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  public Admin admin() {
    return admin;
  }

  /** The partitions of a topic. */
  public List<TopicPartition> partitions(String topic)
      throws InterruptedException, ExecutionException {
    return admin
        .describeTopics(List.of(topic))
        .allTopicNames()
        .get()
        .values()
        .iterator()
        .next()
        .partitions()
        .stream()
        .map(partition -> new TopicPartition(topic, partition.partition()))
        .toList();
  }

  /** What a group has committed, where it has. */
  public Map<TopicPartition, Long> committed(String group)
      throws InterruptedException, ExecutionException {
    Map<TopicPartition, Long> committed = new HashMap<>();
    admin
        .listConsumerGroupOffsets(group)
        .partitionsToOffsetAndMetadata()
        .get()
        .forEach(
            (partition, offset) -> {
              if (offset != null) {
                committed.put(partition, offset.offset());
              }
            });
    return committed;
  }

  /** Offsets of partitions for readers. */
  public Map<TopicPartition, Long> offsets(
      Collection<TopicPartition> partitions, OffsetSpec which, IsolationLevel readers)
      throws InterruptedException, ExecutionException {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    admin
        .listOffsets(
            partitions.stream().collect(Collectors.toMap(partition -> partition, any -> which)),
            new ListOffsetsOptions(readers))
        .all()
        .get()
        .forEach((partition, offset) -> offsets.put(partition, offset.offset()));
    return offsets;
  }

  /** Records of a partition from an offset on; offsets alone count the ends of transactions too. */
  public long records(TopicPartition partition, long from) {
    long end = seek(partition, from);
    long records = 0;
    while (consumer.position(partition) < end) {
      records += consumer.poll(POLL).count();
    }
    return records;
  }

  /**
   * Reads a partition from an offset to its end.
   *
   * @return where to go on from
   */
  public long read(
      TopicPartition partition, long from, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
    long end = seek(partition, from);
    while (consumer.position(partition) < end) {
      consumer.poll(POLL).forEach(reader);
    }
    return consumer.position(partition);
  }

  /** The offset of the first record of a partition from an offset on; empty when there is none. */
  public OptionalLong next(TopicPartition partition, long from) {
    long end = seek(partition, from);
    while (consumer.position(partition) < end) {
      ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
      if (!records.isEmpty()) {
        return OptionalLong.of(records.records(partition).getFirst().offset());
      }
    }
    return OptionalLong.empty();
  }

  private long seek(TopicPartition partition, long from) {
    consumer.assign(List.of(partition));
    long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
    consumer.seek(partition, Math.min(from, end));
    return end;
  }

  @Override
  public void close() {
    consumer.close();
    admin.close();
  }
}

package io.millrace.local.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a pipeline at rest may not have in Kafka: records that nobody has read, dead letters. */
final class KafkaRemains implements AutoCloseable {
  private static final Duration POLL = Duration.ofSeconds(1);

  private final String pipeline;
  private final Admin admin;
  private final KafkaConsumer<byte[], byte[]> consumer;

  KafkaRemains(String bootstrap, String pipeline) {
    this.pipeline = pipeline;
    this.admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
    this.consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
  }

  /** A line for each topic and group; empty when there is nothing. */
  List<String> problems() throws InterruptedException {
    try {
      List<String> problems = deadLetters();
      problems.addAll(unread());
      return problems;
    } catch (ExecutionException e) {
      return List.of("Kafka does not tell what it holds: " + e.getCause());
    }
  }

  private List<String> deadLetters() throws InterruptedException, ExecutionException {
    List<String> problems = new ArrayList<>();
    for (String topic : admin.listTopics().names().get()) {
      if (topic.startsWith(pipeline + ".dead-letters.")) {
        Map<TopicPartition, Long> starts = offsets(partitions(topic), OffsetSpec.earliest());
        for (var start : starts.entrySet()) {
          long records = records(start.getKey(), start.getValue());
          if (records > 0) {
            problems.add("%s holds %d dead letters".formatted(topic, records));
          }
        }
      }
    }
    return problems;
  }

  private List<TopicPartition> partitions(String topic)
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

  private List<String> unread() throws InterruptedException, ExecutionException {
    List<String> problems = new ArrayList<>();
    for (var group : admin.listGroups().all().get()) {
      if (group.groupId().startsWith(pipeline + ".") && !group.groupId().equals(electing())) {
        for (var committed : committed(group.groupId()).entrySet()) {
          long records = records(committed.getKey(), committed.getValue());
          if (records > 0) {
            problems.add(
                "%s has not read %d records of %s"
                    .formatted(group.groupId(), records, committed.getKey()));
          }
        }
      }
    }
    return problems;
  }

  /** The group by which cdc-connector's replicas agree on a leader; it reads nothing. */
  private String electing() {
    return pipeline + ".cdc-connector";
  }

  private Map<TopicPartition, Long> committed(String group)
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

  private Map<TopicPartition, Long> offsets(Collection<TopicPartition> partitions, OffsetSpec which)
      throws InterruptedException, ExecutionException {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    admin
        .listOffsets(
            partitions.stream().collect(Collectors.toMap(partition -> partition, any -> which)))
        .all()
        .get()
        .forEach((partition, offset) -> offsets.put(partition, offset.offset()));
    return offsets;
  }

  /** Records of a partition from an offset on; offsets alone count the ends of transactions too. */
  private long records(TopicPartition partition, long from) {
    consumer.assign(List.of(partition));
    long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
    if (from >= end) {
      return 0;
    }
    consumer.seek(partition, from);
    long records = 0;
    while (consumer.position(partition) < end) {
      records += consumer.poll(POLL).count();
    }
    return records;
  }

  @Override
  public void close() {
    consumer.close();
    admin.close();
  }
}

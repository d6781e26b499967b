package io.millrace.local.chaos;

import io.millrace.pipeline.PipelineFile;
import io.millrace.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What a pipeline at rest may not have in Kafka: records that nobody has read, dead letters,
 * transactions that no one ends, topics and groups that belong to nothing.
 */
final class KafkaRemains implements AutoCloseable {
  private static final Duration POLL = Duration.ofSeconds(1);

  /** The stages as they are named in topics. */
  private static final List<String> STAGES =
      List.of("cdc-connector", "enrichment", "aggregation", "sink-service");

  /** Those whose names are the groups' and stand before the names of their inner topics. */
  private static final List<String> APPLICATIONS =
      List.of("enrichment", "aggregation", "sink-writer", "sink-committer");

  private final PipelineFile file;
  private final String pipeline;
  private final Admin admin;
  private final KafkaConsumer<byte[], byte[]> consumer;

  KafkaRemains(String bootstrap, PipelineFile file) {
    this.file = file;
    this.pipeline = file.pipeline();
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
      problems.addAll(openTransactions());
      problems.addAll(strangers());
      return problems;
    } catch (ExecutionException e) {
      return List.of("Kafka does not tell what it holds: " + e.getCause());
    }
  }

  private List<String> deadLetters() throws InterruptedException, ExecutionException {
    List<String> problems = new ArrayList<>();
    for (String topic : admin.listTopics().names().get()) {
      if (topic.startsWith(pipeline + ".dead-letters.")) {
        Map<TopicPartition, Long> starts =
            offsets(partitions(topic), OffsetSpec.earliest(), IsolationLevel.READ_COMMITTED);
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

  /** Behind the start of an open transaction no one reads. */
  private List<String> openTransactions() throws InterruptedException, ExecutionException {
    List<String> problems = new ArrayList<>();
    for (String topic : admin.listTopics().names().get()) {
      List<TopicPartition> partitions = partitions(topic);
      Map<TopicPartition, Long> stable = offsets(partitions, IsolationLevel.READ_COMMITTED);
      Map<TopicPartition, Long> ends = offsets(partitions, IsolationLevel.READ_UNCOMMITTED);
      for (TopicPartition partition : partitions) {
        if (!Objects.equals(stable.get(partition), ends.get(partition))) {
          problems.add("a transaction in %s does not end".formatted(partition));
        }
      }
    }
    return problems;
  }

  private List<String> strangers() throws InterruptedException, ExecutionException {
    Topics names = file.topicNames();
    Set<String> topics = new HashSet<>(Set.of(names.cdcOffsets(""), names.lakeCommits()));
    file.lakeTables().forEach(table -> topics.add(table.topic()));
    STAGES.forEach(stage -> topics.add(names.deadLetters(stage)));
    List<String> applications = APPLICATIONS.stream().map(names::applicationId).toList();
    List<String> problems = new ArrayList<>();
    for (String topic : admin.listTopics().names().get()) {
      if (!topics.contains(topic)
          && applications.stream().noneMatch(id -> topic.startsWith(id + "-"))) {
        problems.add("topic %s belongs to nothing".formatted(topic));
      }
    }
    for (var group : admin.listGroups().all().get()) {
      if (!applications.contains(group.groupId()) && !group.groupId().equals(electing())) {
        problems.add("group %s belongs to nothing".formatted(group.groupId()));
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

  /** Where partitions end for readers. */
  private Map<TopicPartition, Long> offsets(
      Collection<TopicPartition> partitions, IsolationLevel readers)
      throws InterruptedException, ExecutionException {
    return offsets(partitions, OffsetSpec.latest(), readers);
  }

  private Map<TopicPartition, Long> offsets(
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

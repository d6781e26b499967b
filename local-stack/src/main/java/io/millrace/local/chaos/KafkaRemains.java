package io.millrace.local.chaos;

import io.millrace.local.KafkaOffsets;
import io.millrace.pipeline.PipelineFile;
import io.millrace.schemas.Topics;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/**
 * What a pipeline at rest may not have in Kafka: records that nobody has read, dead letters,
 * transactions that no one ends, topics and groups that belong to nothing.
 */
final class KafkaRemains implements AutoCloseable {
  /** The stages as they are named in topics. */
  private static final List<String> STAGES =
      List.of("cdc-connector", "enrichment", "aggregation", "sink-service");

  /** Those whose names are the groups' and stand before the names of their inner topics. */
  private static final List<String> APPLICATIONS =
      List.of("enrichment", "aggregation", "sink-writer", "sink-committer");

  private final PipelineFile file;
  private final String pipeline;
  private final KafkaOffsets kafka;

  KafkaRemains(String bootstrap, PipelineFile file) {
    this.file = file;
    this.pipeline = file.pipeline();
    Properties client = new Properties();
    client.put("bootstrap.servers", bootstrap);
    this.kafka = new KafkaOffsets(client);
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
    for (String topic : kafka.admin().listTopics().names().get()) {
      if (topic.startsWith(pipeline + ".dead-letters.")) {
        Map<TopicPartition, Long> starts =
            kafka.offsets(
                kafka.partitions(topic), OffsetSpec.earliest(), IsolationLevel.READ_COMMITTED);
        for (var start : starts.entrySet()) {
          long records = kafka.records(start.getKey(), start.getValue());
          if (records > 0) {
            problems.add("%s holds %d dead letters".formatted(topic, records));
          }
        }
      }
    }
    return problems;
  }

  private List<String> unread() throws InterruptedException, ExecutionException {
    List<String> problems = new ArrayList<>();
    for (var group : kafka.admin().listGroups().all().get()) {
      if (group.groupId().startsWith(pipeline + ".") && !group.groupId().equals(electing())) {
        for (var committed : kafka.committed(group.groupId()).entrySet()) {
          long records = kafka.records(committed.getKey(), committed.getValue());
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
    for (String topic : kafka.admin().listTopics().names().get()) {
      List<TopicPartition> partitions = kafka.partitions(topic);
      Map<TopicPartition, Long> stable =
          kafka.offsets(partitions, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED);
      Map<TopicPartition, Long> ends =
          kafka.offsets(partitions, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED);
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
    for (String topic : kafka.admin().listTopics().names().get()) {
      if (!topics.contains(topic)
          && applications.stream().noneMatch(id -> topic.startsWith(id + "-"))) {
        problems.add("topic %s belongs to nothing".formatted(topic));
      }
    }
    for (var group : kafka.admin().listGroups().all().get()) {
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

  @Override
  public void close() {
    kafka.close();
  }
}

package io.millrace.runtime;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.TopicSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates a pipeline's topics as they are declared, and refuses to work on one that contradicts the
 * declaration: more partitions break key affinity, a deleting cleanup policy loses rows, a shorter
 * compaction lag outruns bronze.
 */
public final class TopicAdmin implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicAdmin.class);

  private final TopicSettings settings;
  private final Admin admin;

  /** An admin client by the file's {@code kafka} settings. */
  public TopicAdmin(PipelineFile pipeline) {
    this.settings = pipeline.topics();
    this.admin = Admin.create(KafkaSettings.client(pipeline, pipeline.pipeline() + ".admin"));
  }

  /**
   * A topic of changes or rows: the file's partitions, compacted, nothing younger than the file's
   * compaction lag.
   *
   * @throws IllegalStateException when it exists otherwise
   * @throws KafkaException when the broker does not do it
   */
  public void ensureCompacted(String topic) {
    ensure(
        topic,
        settings.partitions(),
        Map.of(
            TopicConfig.CLEANUP_POLICY_CONFIG,
            TopicConfig.CLEANUP_POLICY_COMPACT,
            TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG,
            String.valueOf(settings.compactionLag().toMillis())));
  }

  /**
   * A topic whose records are deleted when they are older than {@code retention}.
   *
   * @throws IllegalStateException when it exists otherwise
   * @throws KafkaException when the broker does not do it
   */
  public void ensureRetained(String topic, int partitions, Duration retention) {
    ensure(topic, partitions, retained(String.valueOf(retention.toMillis())));
  }

  /**
   * A dead-letter topic: the file's partitions, records kept until someone deletes them.
   *
   * @throws IllegalStateException when it exists otherwise
   * @throws KafkaException when the broker does not do it
   */
  public void ensureDeadLetters(String topic) {
    ensure(topic, settings.partitions(), retained("-1"));
  }

  /**
   * A topic of the latest offset per key: one partition, compacted.
   *
   * @throws IllegalStateException when it exists otherwise
   * @throws KafkaException when the broker does not do it
   */
  public void ensureOffsets(String topic) {
    ensure(topic, 1, Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT));
  }

  private static Map<String, String> retained(String millis) {
    return Map.of(
        TopicConfig.CLEANUP_POLICY_CONFIG,
        TopicConfig.CLEANUP_POLICY_DELETE,
        TopicConfig.RETENTION_MS_CONFIG,
        millis,
        TopicConfig.RETENTION_BYTES_CONFIG,
        "-1");
  }

  private void ensure(String topic, int partitions, Map<String, String> configs) {
    if (describe(topic).isEmpty()) {
      create(new NewTopic(topic, partitions, settings.replicationFactor()).configs(configs));
    }
  }

  private void create(NewTopic topic) {
    try {
      admin.createTopics(List.of(topic)).all().get();
      LOG.info("Created topic {}", topic.name());
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw failure("create topic " + topic.name(), e);
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private Optional<TopicDescription> describe(String topic) {
    try {
      return Optional.ofNullable(
          admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return Optional.empty();
      }
      throw failure("describe topic " + topic, e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static KafkaException failure(String what, ExecutionException e) {
    return new KafkaException("could not " + what + ": " + e.getCause(), e.getCause());
  }

  private static KafkaException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new KafkaException("interrupted", e);
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(5));
  }
}

package io.millrace.runtime;

import io.millrace.pipeline.PipelineFile;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates a pipeline's topics as they are declared, and refuses to work on one that contradicts the
 * declaration: other partitions break key affinity, a deleting cleanup policy loses rows, a shorter
 * compaction lag outruns bronze.
 *
 * <p>Every method throws {@link IllegalStateException}, with what to do, when the topic exists with
 * contradicting settings, and {@link KafkaException} when the broker cannot be reached or refuses.
 */
public final class TopicAdmin implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicAdmin.class);
  private static final String FOREVER = "-1";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final PipelineFile pipeline;
  private final Admin admin;

  /** An admin client by the file's {@code kafka} settings. */
  public TopicAdmin(PipelineFile pipeline) {
    this.pipeline = pipeline;
    Properties settings = KafkaSettings.client(pipeline, pipeline.pipeline() + ".admin");
    settings.putIfAbsent(
        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, String.valueOf(PATIENCE.toMillis()));
    settings.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, "10000");
    this.admin = Admin.create(settings);
  }

  /**
   * A topic of changes or rows: the file's partitions, compacted, nothing younger than the file's
   * compaction lag.
   */
  public void ensureCompacted(String topic) {
    ensure(
        new DeclaredTopic(
            topic,
            pipeline.topics().partitions(),
            Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_COMPACT,
                TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG,
                String.valueOf(pipeline.topics().compactionLag().toMillis()),
                TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                String.valueOf(KafkaSettings.largestRecord(pipeline)))));
  }

  /** A topic whose records are deleted when they are older than {@code retention}. */
  public void ensureRetained(String topic, int partitions, Duration retention) {
    ensure(retained(topic, partitions, String.valueOf(retention.toMillis())));
  }

  /** A dead-letter topic: the file's partitions, records kept until someone deletes them. */
  public void ensureDeadLetters(String topic) {
    ensure(retained(topic, pipeline.topics().partitions(), FOREVER));
  }

  /** A topic that Kafka Streams repartitions through: as Kafka Streams itself declares it. */
  public void ensureRepartition(String topic) {
    ensure(retained(topic, pipeline.topics().partitions(), FOREVER));
  }

  /** Whether a topic exists and holds any record. */
  public boolean holdsRecords(String topic) {
    List<TopicPartition> partitions =
        describe(topic).stream()
            .flatMap(description -> description.partitions().stream())
            .map(partition -> new TopicPartition(topic, partition.partition()))
            .toList();
    return !offsets(partitions, OffsetSpec.earliest())
        .equals(offsets(partitions, OffsetSpec.latest()));
  }

  private Map<TopicPartition, Long> offsets(List<TopicPartition> partitions, OffsetSpec which) {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    partitions.forEach(partition -> asked.put(partition, which));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    get("read the offsets of " + partitions, admin.listOffsets(asked).all())
        .forEach((partition, offset) -> offsets.put(partition, offset.offset()));
    return offsets;
  }

  /** A topic of the latest offset per key: one partition, compacted. */
  public void ensureOffsets(String topic) {
    ensure(
        new DeclaredTopic(
            topic,
            1,
            Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT)));
  }

  /** A topic whose records are kept in their order until someone deletes them: one partition. */
  public void ensureHistory(String topic) {
    ensure(retained(topic, 1, FOREVER));
  }

  private static DeclaredTopic retained(String topic, int partitions, String millis) {
    return new DeclaredTopic(
        topic,
        partitions,
        Map.of(
            TopicConfig.CLEANUP_POLICY_CONFIG,
            TopicConfig.CLEANUP_POLICY_DELETE,
            TopicConfig.RETENTION_MS_CONFIG,
            millis,
            TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
            String.valueOf(KafkaSettings.LARGEST_REQUEST)));
  }

  private void ensure(DeclaredTopic declared) {
    Optional<TopicDescription> existing = describe(declared.name());
    if (existing.isEmpty()) {
      create(declared);
      existing = awaitVisible(declared.name());
    }
    TopicDescription description =
        existing.orElseThrow(
            () ->
                new KafkaException(
                    "topic " + declared.name() + " was created but the broker does not show it"));
    List<String> contradictions =
        declared.contradictions(
            description, configs(declared.name()), pipeline.topics().replicationFactor());
    if (!contradictions.isEmpty()) {
      throw new IllegalStateException(
          "topic %s contradicts the pipeline: %s"
              .formatted(declared.name(), String.join("; ", contradictions)));
    }
  }

  private void create(DeclaredTopic declared) {
    NewTopic topic =
        new NewTopic(declared.name(), declared.partitions(), pipeline.topics().replicationFactor())
            .configs(declared.configs());
    try {
      get("create topic " + declared.name(), admin.createTopics(List.of(topic)).all());
      LOG.info("Created topic {}", declared.name());
    } catch (TopicExistsException e) {
      LOG.debug("Another stage created topic {} first", declared.name());
    }
  }

  /** A new topic takes a moment to reach the broker that is asked next. */
  private Optional<TopicDescription> awaitVisible(String topic) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Optional<TopicDescription> description = describe(topic);
    while (description.isEmpty() && System.nanoTime() < end) {
      try {
        Thread.sleep(Duration.ofMillis(50));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new KafkaException("interrupted while waiting for topic " + topic, e);
      }
      description = describe(topic);
    }
    return description;
  }

  private Optional<TopicDescription> describe(String topic) {
    try {
      return Optional.ofNullable(
          get("describe topic " + topic, admin.describeTopics(List.of(topic)).allTopicNames())
              .get(topic));
    } catch (UnknownTopicOrPartitionException e) {
      return Optional.empty();
    }
  }

  private Map<String, String> configs(String topic) {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    return DeclaredTopic.values(
        get("read the settings of topic " + topic, admin.describeConfigs(List.of(resource)).all())
            .get(resource));
  }

  private <T> T get(String what, KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case TopicExistsException exists -> throw exists;
        case UnknownTopicOrPartitionException unknown -> throw unknown;
        case null, default ->
            throw new KafkaException(
                "could not %s on %s: %s; check the broker and 'kafka' in the pipeline file"
                    .formatted(
                        what,
                        pipeline.kafka().get(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG),
                        e.getCause() == null ? e.getMessage() : e.getCause().getMessage()),
                e.getCause());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted: could not " + what, e);
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(5));
  }
}

package io.millrace.runtime.testing;

import static org.awaitility.Awaitility.await;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Makes the broker compact topics at once and without mercy, as it would after a long time: only
 * the latest record of each key stays, and tombstones go too.
 */
public final class TopicCompaction {
  /** For a broker whose log cleaner does not wait. */
  public static final Map<String, String> BROKER = Map.of("log.cleaner.backoff.ms", "100");

  private static final Map<String, String> HARSH =
      Map.of(
          "min.compaction.lag.ms", "0",
          "delete.retention.ms", "0",
          "min.cleanable.dirty.ratio", "0.001",
          "segment.ms", "100");

  private final PipelineFile pipeline;

  /** Compaction of a pipeline's topics. */
  public TopicCompaction(PipelineFile pipeline) {
    this.pipeline = pipeline;
  }

  /**
   * Compacts until each topic has lost most of its records, and puts its settings back.
   *
   * @param poke appends to each partition of each topic: only so a segment ends, and only ended
   *     segments are compacted
   */
  public void run(Collection<String> topics, Runnable poke) {
    try (Admin admin = Admin.create(KafkaSettings.client(pipeline, "test-compaction"));
        KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      Map<String, Long> before = new HashMap<>();
      topics.forEach(topic -> before.put(topic, records(consumer, topic)));
      alter(admin, topics, HARSH);
      await()
          .atMost(Duration.ofMinutes(3))
          .pollInterval(Duration.ofMillis(300))
          .until(
              () -> {
                poke.run();
                return topics.stream()
                    .allMatch(
                        topic -> 2 * records(consumer, topic) < before.getOrDefault(topic, 0L));
              });
      Map<String, String> usual = new HashMap<>();
      HARSH.keySet().forEach(setting -> usual.put(setting, ""));
      usual.put(
          "min.compaction.lag.ms", String.valueOf(pipeline.topics().compactionLag().toMillis()));
      alter(admin, topics, usual);
    }
  }

  private static void alter(Admin admin, Collection<String> topics, Map<String, String> settings) {
    Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
    for (String topic : topics) {
      List<AlterConfigOp> ofTopic = new ArrayList<>();
      settings.forEach(
          (setting, value) ->
              ofTopic.add(
                  new AlterConfigOp(
                      new ConfigEntry(setting, value),
                      value.isEmpty() ? AlterConfigOp.OpType.DELETE : AlterConfigOp.OpType.SET)));
      changes.put(new ConfigResource(ConfigResource.Type.TOPIC, topic), ofTopic);
    }
    try {
      admin.incrementalAlterConfigs(changes).all().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
        KafkaSettings.client(pipeline, "test-counter"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private static long records(KafkaConsumer<byte[], byte[]> consumer, String topic) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    long records = 0;
    while (partitions.stream()
        .anyMatch(one -> consumer.position(one) < ends.getOrDefault(one, 0L))) {
      records += consumer.poll(Duration.ofMillis(200)).count();
    }
    return records;
  }
}

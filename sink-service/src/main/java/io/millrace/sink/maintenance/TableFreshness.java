package io.millrace.sink.maintenance;

import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import io.millrace.sink.commit.TableProgress;
import io.millrace.sink.lake.LakeCatalog;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * How far a lake table is behind its topic.
 *
 * @param table {@code namespace.name}
 * @param newest when the source committed the newest change that the table holds; null when it
 *     holds none
 * @param behind at most so many records that stood in the topic when it was asked are not in the
 *     table; zero: it holds everything that they say
 */
public record TableFreshness(String table, @Nullable Instant newest, long behind) {
  private static final long MICROS = 1_000_000;

  /**
   * Asks for tables. The topics are asked before the tables.
   *
   * @throws KafkaException when the broker does not tell
   */
  public static List<TableFreshness> of(
      PipelineFile pipeline, LakeCatalog catalog, List<LakeTable> tables) {
    List<TableFreshness> all = new ArrayList<>();
    try (Admin admin =
        Admin.create(
            KafkaSettings.client(
                pipeline, pipeline.topicNames().applicationId("lake-freshness")))) {
      for (LakeTable table : tables) {
        Map<TopicPartition, Long> ends = ends(admin, table.topic());
        all.add(of(catalog, table, ends));
      }
    }
    return all;
  }

  private static TableFreshness of(
      LakeCatalog catalog, LakeTable table, Map<TopicPartition, Long> ends) {
    TableProgress progress;
    Instant newest = null;
    try {
      TableMetadata metadata = ((HasTableOperations) catalog.load(table)).operations().current();
      progress = TableProgress.of(metadata);
      long micros = metadata.propertyAsLong(TableProgress.SOURCE_TIME, Long.MIN_VALUE);
      if (micros != Long.MIN_VALUE) {
        newest =
            Instant.ofEpochSecond(
                Math.floorDiv(micros, MICROS), Math.floorMod(micros, MICROS) * 1_000);
      }
    } catch (NoSuchTableException e) {
      progress = new TableProgress(null, Map.of());
    }
    Map<String, TableProgress.SourceProgress> sources = progress.sources();
    long behind = 0;
    for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
      TableProgress.SourceProgress source = sources.get(end.getKey().toString());
      behind += Math.max(0, end.getValue() - (source == null ? 0 : source.offset()));
    }
    return new TableFreshness(table.identifier(), newest, behind);
  }

  private static Map<TopicPartition, Long> ends(Admin admin, String topic) {
    try {
      TopicDescription described =
          admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
      if (described == null) {
        return Map.of();
      }
      return admin
          .listOffsets(
              described.partitions().stream()
                  .collect(
                      Collectors.toMap(
                          partition -> new TopicPartition(topic, partition.partition()),
                          any -> OffsetSpec.latest())),
              new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
          .all()
          .get()
          .entrySet()
          .stream()
          .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().offset()));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return Map.of();
      }
      throw new KafkaException("could not ask for the end of topic " + topic, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while asking for the end of topic " + topic, e);
    }
  }
}

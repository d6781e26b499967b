package io.millrace.local.lake;

import io.millrace.local.KafkaOffsets;
import io.millrace.local.StackException;
import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.Source;
import io.millrace.runtime.KafkaSettings;
import io.millrace.sink.commit.TableProgress;
import io.millrace.sink.lake.LakeCatalog;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Follows what the sources have committed up to some place of their logs to lake tables, stage by
 * stage: once a stage has read all that the ones before it had made of it, what it made of that
 * stands in its topics.
 */
public final class Arrival implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final String NAME = "lake-wait-for";

  private final PipelineFile pipeline;
  private final Consumer<String> progress;
  private final Map<Source, SourceLog> sources;
  private final KafkaOffsets kafka;
  private final LakeCatalog catalog;

  /**
   * Of a pipeline.
   *
   * @param progress told what is waited for, again and again
   * @throws StackException when a source does not let us in
   */
  public Arrival(PipelineFile pipeline, Consumer<String> progress) {
    this.pipeline = pipeline;
    this.progress = progress;
    this.kafka =
        new KafkaOffsets(KafkaSettings.client(pipeline, pipeline.topicNames().applicationId(NAME)));
    this.catalog = LakeCatalog.open(pipeline);
    this.sources = new LinkedHashMap<>();
    for (Source source : pipeline.sources()) {
      sources.put(source, SourceLog.open(pipeline, source, kafka, "millrace " + NAME));
    }
  }

  private interface Check {
    boolean holds() throws InterruptedException, ExecutionException, SQLException;
  }

  /**
   * Waits until a table holds all that the only source has committed up to a place of its log.
   *
   * @param place an LSN of PostgreSQL, a set of GTIDs of MariaDB or MySQL
   * @return false when that takes longer than {@code patience}
   */
  public boolean awaitPlace(LakeTable table, String place, Duration patience)
      throws InterruptedException {
    SourceLog source = Objects.requireNonNull(sources.get(pipeline.source()));
    return await(List.of(table), new Journey(patience), journey -> journey.captured(source, place));
  }

  /**
   * Waits until tables hold all that the sources commit before a time of their clocks, or have
   * committed by now if that is later.
   *
   * @return false when that takes longer than {@code patience}
   */
  public boolean awaitTime(Collection<LakeTable> tables, Instant time, Duration patience)
      throws InterruptedException {
    return await(
        tables,
        new Journey(patience),
        journey -> {
          for (SourceLog source : sources.values()) {
            if (!journey.until("the database's clock", () -> source.isPast(time))
                || !journey.captured(source, source.end())) {
              return false;
            }
          }
          return true;
        });
  }

  private interface Begin {
    boolean of(Journey journey) throws InterruptedException, ExecutionException, SQLException;
  }

  private static boolean await(Collection<LakeTable> tables, Journey journey, Begin begin)
      throws InterruptedException {
    try {
      if (!begin.of(journey)) {
        return false;
      }
      for (LakeTable table : tables) {
        if (!journey.processed(table) || !journey.stored(table)) {
          return false;
        }
      }
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        throw new StackException("a topic is missing: not all services have run yet", e);
      }
      throw new StackException("the broker does not tell: " + e.getCause(), e);
    } catch (SQLException e) {
      throw new StackException("the source database does not tell: " + e.getMessage(), e);
    }
  }

  /** One wait, until its time is over. */
  private final class Journey {
    private final long deadline;

    Journey(Duration patience) {
      this.deadline = System.nanoTime() + patience.toNanos();
    }

    boolean until(String what, Check check)
        throws InterruptedException, ExecutionException, SQLException {
      while (!check.holds()) {
        if (System.nanoTime() - deadline > 0) {
          return false;
        }
        progress.accept("waiting for " + what);
        Thread.sleep(POLL);
      }
      return true;
    }

    boolean captured(SourceLog source, String place)
        throws InterruptedException, ExecutionException, SQLException {
      return until("cdc-connector to capture up to " + place, () -> source.isCaptured(place));
    }

    boolean processed(LakeTable table)
        throws InterruptedException, ExecutionException, SQLException {
      if (table.content() != LakeTable.Content.VIEW) {
        return true;
      }
      boolean isAggregate = pipeline.aggregate().containsKey(table.name());
      return (pipeline.enrich().isEmpty() || processed("enrichment"))
          && (!isAggregate || processed("aggregation"));
    }

    /** What an application sends to itself takes another round each time. */
    private boolean processed(String stage)
        throws InterruptedException, ExecutionException, SQLException {
      String group = pipeline.topicNames().applicationId(stage);
      Set<TopicPartition> partitions = new HashSet<>();
      int rounds = 1;
      for (int round = 0; round < rounds; round++) {
        if (!until(stage + "-service to run", () -> addReadBy(group, partitions))) {
          return false;
        }
        rounds = 1 + sentToItself(group, partitions);
        if (!read(group, stage + "-service", ends(partitions))) {
          return false;
        }
      }
      return true;
    }

    boolean stored(LakeTable table) throws InterruptedException, ExecutionException, SQLException {
      String group = pipeline.topicNames().applicationId("sink-writer");
      Map<TopicPartition, Long> ends = ends(kafka.partitions(table.topic()));
      if (!read(group, "sink-service", ends)) {
        return false;
      }
      Map<TopicPartition, Long> committed = kafka.committed(group);
      committed.keySet().retainAll(ends.keySet());
      return until(
          "sink-service to commit to " + table.identifier(), () -> isStored(table, committed));
    }

    private boolean read(String group, String service, Map<TopicPartition, Long> ends)
        throws InterruptedException, ExecutionException, SQLException {
      return until(
          service + " to read what has come",
          () -> {
            Map<TopicPartition, Long> committed = kafka.committed(group);
            return ends.entrySet().stream()
                .allMatch(
                    end ->
                        isRead(
                            end.getKey(),
                            committed.getOrDefault(end.getKey(), 0L),
                            end.getValue()));
          });
    }
  }

  private Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions)
      throws InterruptedException, ExecutionException {
    return kafka.offsets(partitions, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED);
  }

  /** Behind the last record that was read, only ends of transactions may stand. */
  private boolean isRead(TopicPartition partition, long committed, long end) {
    if (committed >= end) {
      return true;
    }
    OptionalLong next = kafka.next(partition, committed);
    return next.isEmpty() || next.getAsLong() >= end;
  }

  /** Adds what the members of a group read; false while there are none. */
  private boolean addReadBy(String group, Set<TopicPartition> partitions)
      throws InterruptedException, ExecutionException {
    try {
      Objects.requireNonNull(
              kafka.admin().describeConsumerGroups(List.of(group)).describedGroups().get(group))
          .get()
          .members()
          .forEach(member -> partitions.addAll(member.assignment().topicPartitions()));
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof GroupIdNotFoundException)) {
        throw e;
      }
    }
    return !partitions.isEmpty();
  }

  private static int sentToItself(String group, Set<TopicPartition> partitions) {
    return Math.toIntExact(
        partitions.stream()
            .map(TopicPartition::topic)
            .filter(topic -> topic.startsWith(group + "-"))
            .distinct()
            .count());
  }

  private boolean isStored(LakeTable table, Map<TopicPartition, Long> offsets) {
    Map<String, TableProgress.SourceProgress> has;
    try {
      has =
          TableProgress.of(((HasTableOperations) catalog.load(table)).operations().current())
              .sources();
    } catch (NoSuchTableException e) {
      has = Map.of();
    }
    for (Map.Entry<TopicPartition, Long> offset : offsets.entrySet()) {
      TableProgress.SourceProgress source = has.get(offset.getKey().toString());
      if (source == null || source.offset() < offset.getValue()) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    catalog.close();
    kafka.close();
    for (SourceLog source : sources.values()) {
      try {
        source.close();
      } catch (SQLException e) {
        // It was read from, no more.
      }
    }
  }
}

package io.millrace.sink.commit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.schemas.DataFileDescriptor;
import io.millrace.sink.SinkMetrics;
import io.millrace.sink.lake.LakeCatalog;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.iceberg.HasTableOperations;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;

/**
 * Commits descriptors to the lake before the offsets that say they were read: tables at the same
 * time, each with everything that waits for it in one Iceberg transaction. After a crash between
 * the two commits the descriptors come again, and the tables say that they have them.
 */
public final class LakeCommitter implements CommitHook {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final LakeCatalog catalog;
  private final TopicIds topicIds;
  private final SinkMetrics metrics;
  private final Consumer<String> fatal;
  private final Clock clock;
  private final Map<TopicPartition, Inbox> inboxes = new ConcurrentHashMap<>();

  /**
   * A committer.
   *
   * @param fatal told when going on would lose or double rows
   */
  public LakeCommitter(
      LakeCatalog catalog,
      TopicIds topicIds,
      SinkMetrics metrics,
      Consumer<String> fatal,
      Clock clock) {
    this.catalog = catalog;
    this.topicIds = topicIds;
    this.metrics = metrics;
    this.fatal = fatal;
    this.clock = clock;
  }

  /**
   * Whether this process commits to a table: its descriptors have it as their key.
   *
   * @param table {@code namespace.name}
   * @param partitions of the lake-commits topic
   */
  public boolean owns(String table, int partitions) {
    int partition = Utils.toPositive(Utils.murmur2(table.getBytes(UTF_8))) % partitions;
    return inboxes.keySet().stream().anyMatch(mine -> mine.partition() == partition);
  }

  /** A task begins to read a partition. */
  Inbox open(TopicPartition partition) {
    Inbox inbox = new Inbox(partition.partition(), topicIds.of(partition.topic()));
    inboxes.put(partition, inbox);
    return inbox;
  }

  /** A task no longer reads a partition; what waits is left to the next. */
  void close(TopicPartition partition, Inbox inbox) {
    inboxes.remove(partition, inbox);
  }

  @Override
  public List<ProducerRecord<byte[], byte[]>> beforeCommit(Map<TopicPartition, Long> offsets) {
    List<Future<?>> commits = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (TopicPartition partition : offsets.keySet()) {
        Inbox inbox = inboxes.get(partition);
        if (inbox == null) {
          throw new KafkaException("offsets of " + partition + ", which no task has open");
        }
        inbox
            .waiting()
            .forEach(
                (table, received) -> {
                  TableCommitter committer = inbox.committer(table, this::committer);
                  commits.add(threads.submit(() -> commit(inbox, table, committer, received)));
                });
      }
    }
    commits.forEach(this::join);
    return List.of();
  }

  @Override
  public void committed(Map<TopicPartition, Long> offsets) {
    for (TopicPartition partition : offsets.keySet()) {
      Inbox inbox = inboxes.get(partition);
      if (inbox != null) {
        inbox.clear();
      }
    }
  }

  private TableCommitter committer(String table) {
    return new TableCommitter(
        table, () -> ((HasTableOperations) catalog.load(table)).operations(), PATIENCE);
  }

  private void commit(
      Inbox inbox, String table, TableCommitter committer, List<CommitPlan.Received> received) {
    long start = System.nanoTime();
    List<DataFileDescriptor> applied =
        committer.apply(inbox.topicId(), inbox.partition(), received);
    if (!applied.isEmpty()) {
      metrics.committed(table, Duration.ofNanos(System.nanoTime() - start));
      applied.forEach(
          descriptor -> metrics.visible(descriptor, bytes(descriptor), clock.instant()));
    }
  }

  private static long bytes(DataFileDescriptor descriptor) {
    return Stream.of(descriptor.dataFiles(), descriptor.deleteFiles())
        .flatMap(List::stream)
        .mapToLong(LakeCommitter::bytes)
        .sum();
  }

  private static long bytes(String file) {
    try {
      return JSON.readTree(file).path("file-size-in-bytes").asLong();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a committed descriptor's file is not JSON", e);
    }
  }

  private void join(Future<?> commit) {
    try {
      commit.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ProtocolViolationException violation) {
        fatal.accept(violation.getMessage());
      }
      throw new KafkaException("could not commit to the lake: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while committing to the lake", e);
    }
  }
}

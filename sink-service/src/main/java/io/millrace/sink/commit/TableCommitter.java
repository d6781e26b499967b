package io.millrace.sink.commit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.schemas.DataFileDescriptor;
import io.millrace.sink.commit.DeletionVectors.RowChanges;
import io.millrace.sink.lake.LakeCatalog;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.ContentFileParser;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.Transactions;
import org.apache.iceberg.UpdateProperties;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies descriptors to one lake table: each exactly once, in order, all of a call in one Iceberg
 * transaction. Not thread-safe.
 */
final class TableCommitter {
  private static final Logger LOG = LoggerFactory.getLogger(TableCommitter.class);

  /** Iceberg's own pool ends when the JVM is told to, and the last commit comes after that. */
  private static final ExecutorService MANIFESTS = Executors.newVirtualThreadPerTaskExecutor();

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final String SUMMARY_SOURCE_TS = "millrace.source-ts.";
  private static final String SUMMARY_ROWS = "millrace.rows.";

  private final String table;
  private final DeletionVectors vectors;
  private final Supplier<TableOperations> open;
  private final Duration patience;
  private @Nullable TableOperations operations;

  /**
   * A committer.
   *
   * @param table identifier of the lake table
   * @param open loads the table's operations, for this committer alone
   * @param patience how long a failing catalog or file system is tried again
   */
  TableCommitter(String table, Supplier<TableOperations> open, Duration patience) {
    this.table = table;
    this.vectors = new DeletionVectors(table);
    this.open = open;
    this.patience = patience;
  }

  /**
   * Applies what the table does not have yet. When this returns the table has all of it, whoever
   * put it there.
   *
   * @param topicId id of the lake-commits topic
   * @param partition partition of the lake-commits topic
   * @param received descriptors of this table, in the order of their offsets
   * @return descriptors that this call applied
   * @throws ProtocolViolationException when they do not continue where the table is
   * @throws RuntimeException when the catalog or the files fail for longer than the patience
   */
  List<DataFileDescriptor> apply(
      String topicId, int partition, List<CommitPlan.Received> received) {
    long deadline = System.nanoTime() + patience.toNanos();
    Duration pause = FIRST_PAUSE;
    while (true) {
      try {
        return attempt(topicId, partition, received);
      } catch (ProtocolViolationException e) {
        throw e;
      } catch (OvertakenException e) {
        LOG.info("{}; reading it again", e.getMessage());
      } catch (RuntimeException e) {
        // Whatever failed: the next attempt begins with what the table says.
        if (System.nanoTime() > deadline) {
          throw e;
        }
        LOG.warn("Commit to lake table {} did not succeed, trying again: {}", table, brief(e));
        // Opened anew: what the catalog vended to reach the files may have expired.
        operations = null;
      }
      sleep(pause);
      pause = pause.multipliedBy(2);
      pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }
  }

  private List<DataFileDescriptor> attempt(
      String topicId, int partition, List<CommitPlan.Received> received) {
    TableOperations current = operations == null ? open.get() : operations;
    operations = current;
    TableMetadata metadata = current.refresh();
    TableProgress progress = TableProgress.of(metadata);
    CommitPlan plan = CommitPlan.of(progress, topicId, partition, received);
    if (plan.rounds().isEmpty()) {
      return List.of();
    }
    TableProgress after = plan.after();
    GuardedOperations guarded =
        new GuardedOperations(current, table, progress, Objects.requireNonNull(after.control()));
    Transaction transaction = Transactions.newTransaction(table, guarded);
    Optional<RowChanges> changes =
        LakeCatalog.hasDeletionVectors(metadata)
            ? Optional.of(vectors.plan(current, plan.descriptors()))
            : Optional.empty();
    for (CommitPlan.Round round : plan.rounds()) {
      // Also one without files: GuardedOperations tells why.
      SnapshotUpdate<?> snapshot =
          changes.isPresent()
              ? changes.get().in(transaction, metadata.currentSnapshot())
              : filesOf(transaction, round, metadata.specsById());
      snapshot.set(LakeCatalog.PIPELINE, metadata.property(LakeCatalog.PIPELINE, ""));
      addSnapshot(snapshot, round);
    }
    UpdateProperties properties = transaction.updateProperties();
    properties.set(TableProgress.PROPERTY, after.toJson());
    newest(metadata, plan)
        .ifPresent(time -> properties.set(TableProgress.SOURCE_TIME, String.valueOf(time)));
    properties.commit();
    transaction.commitTransaction();
    changes.ifPresent(landed -> landed(landed, metadata, guarded));
    return plan.descriptors();
  }

  /** Also kept as a property: the snapshot that says it may expire. */
  private static OptionalLong newest(TableMetadata metadata, CommitPlan plan) {
    long before = metadata.propertyAsLong(TableProgress.SOURCE_TIME, Long.MIN_VALUE);
    return plan.descriptors().stream()
        .map(DataFileDescriptor::greatestSourceTs)
        .filter(Objects::nonNull)
        .mapToLong(Long::longValue)
        .filter(time -> time > before)
        .max();
  }

  private void landed(RowChanges changes, TableMetadata base, TableOperations now) {
    vectors.landed(changes, base.currentSnapshot(), now.current());
    for (String location : changes.garbage()) {
      try {
        now.io().deleteFile(location);
      } catch (RuntimeException e) {
        LOG.debug("{} stays as an orphan", location, e);
      }
    }
  }

  private static SnapshotUpdate<?> filesOf(
      Transaction transaction, CommitPlan.Round round, Map<Integer, PartitionSpec> specs) {
    return round.hasDeletes()
        ? rowDelta(transaction, round, specs)
        : append(transaction, round, specs);
  }

  private static void addSnapshot(SnapshotUpdate<?> snapshot, CommitPlan.Round round) {
    snapshot.set(TableProgress.PROPERTY, round.after().toJson());
    summarise(snapshot, round);
    snapshot.scanManifestsWith(MANIFESTS);
    snapshot.commit();
  }

  private static SnapshotUpdate<?> append(
      Transaction transaction, CommitPlan.Round round, Map<Integer, PartitionSpec> specs) {
    AppendFiles append = transaction.newAppend();
    for (DataFileDescriptor descriptor : round.descriptors()) {
      descriptor.dataFiles().forEach(file -> append.appendFile((DataFile) parse(file, specs)));
    }
    return append;
  }

  private static SnapshotUpdate<?> rowDelta(
      Transaction transaction, CommitPlan.Round round, Map<Integer, PartitionSpec> specs) {
    RowDelta delta = transaction.newRowDelta();
    for (DataFileDescriptor descriptor : round.descriptors()) {
      descriptor.dataFiles().forEach(file -> delta.addRows((DataFile) parse(file, specs)));
      descriptor.deleteFiles().forEach(file -> delta.addDeletes((DeleteFile) parse(file, specs)));
    }
    return delta;
  }

  /** The snapshot says how many rows came and went, and which source times it holds. */
  private static void summarise(SnapshotUpdate<?> snapshot, CommitPlan.Round round) {
    snapshot.set(
        SUMMARY_ROWS + "written",
        String.valueOf(round.descriptors().stream().mapToLong(DataFileDescriptor::rows).sum()));
    snapshot.set(
        SUMMARY_ROWS + "deleted",
        String.valueOf(round.descriptors().stream().mapToLong(DataFileDescriptor::deletes).sum()));
    long least = Long.MAX_VALUE;
    long greatest = Long.MIN_VALUE;
    for (DataFileDescriptor descriptor : round.descriptors()) {
      Long descriptorLeast = descriptor.leastSourceTs();
      Long descriptorGreatest = descriptor.greatestSourceTs();
      if (descriptorLeast != null && descriptorGreatest != null) {
        least = Math.min(least, descriptorLeast);
        greatest = Math.max(greatest, descriptorGreatest);
      }
    }
    if (least <= greatest) {
      snapshot.set(SUMMARY_SOURCE_TS + "least", String.valueOf(least));
      snapshot.set(SUMMARY_SOURCE_TS + "greatest", String.valueOf(greatest));
    }
  }

  static ContentFile<?> parse(String file, Map<Integer, PartitionSpec> specs) {
    try {
      JsonNode json = JSON.readTree(file);
      return ContentFileParser.fromJson(json, specs);
    } catch (JsonProcessingException e) {
      throw new ProtocolViolationException("a descriptor's file is not JSON: " + e.getMessage());
    }
  }

  /** Iceberg's message of an unknown commit is a page long. */
  private static @Nullable String brief(RuntimeException e) {
    Throwable cause = e.getCause();
    return e instanceof CommitStateUnknownException && cause != null
        ? cause.getMessage()
        : e.getMessage();
  }

  private static void sleep(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting to commit again", e);
    }
  }
}

package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.jspecify.annotations.Nullable;

/**
 * From where a run reads the source: from the committed offset on, if all that follows it is still
 * there; with a snapshot, if nothing was captured yet or someone asked for one; otherwise from
 * nowhere.
 */
final class StartingPoint {
  private static final Duration SLOT_PATIENCE = Duration.ofSeconds(30);
  private static final String DEFAULT_MAX_RECORD = String.valueOf(1 << 20);

  private final PipelineFile file;
  private final CdcSettings settings;
  private final TransactionLog log;
  private final LiveKeys rows;
  private final GapCheck gaps;
  private final SlotGuard guard;
  private final SnapshotRequests requests;

  StartingPoint(
      PipelineFile file,
      CdcSettings settings,
      TransactionLog log,
      LiveKeys rows,
      GapCheck gaps,
      SlotGuard guard,
      SnapshotRequests requests) {
    this.file = file;
    this.settings = settings;
    this.log = log;
    this.rows = rows;
    this.gaps = gaps;
    this.guard = guard;
    this.requests = requests;
  }

  /**
   * Makes the source ready for it.
   *
   * @throws GapException when neither can be done: what is missing is committed before
   */
  ChangeStream.Config find(List<CapturedTable> tables, Iterable<ChangeTopic> topics)
      throws InterruptedException {
    try (Connection connection = settings.database().connect()) {
      SourceOffset now = new SourceOffset(0, 0, captured(tables), gaps.footing(connection), 0);
      SourceOffset last = log.committed().orElse(null);
      if (last == null) {
        last = unknown(now);
      }
      if (last == null) {
        return snapshot(connection, now, FullSnapshot.initial(settings, rows));
      }
      if (requests.isPending() || last.snapshotRequested()) {
        log.commit(last.withSnapshotRequested());
        requests.accepted();
        return snapshot(connection, now, FullSnapshot.again(settings, rows, last, topics));
      }
      return resume(connection, now, last);
    } catch (SQLException e) {
      throw new IllegalStateException(
          "The replication slot or publication at %s could not be prepared: %s"
              .formatted(settings.database(), e.getMessage()),
          e);
    }
  }

  /** What the topics hold when no offset says so; null when that is nothing. */
  private @Nullable SourceOffset unknown(SourceOffset now) {
    OptionalLong highest = HighestPosition.of(file);
    if (highest.isEmpty()) {
      return null;
    }
    Gap lost =
        Gap.of(
            "Topic %s has no offset, though the change topics hold changes: it was deleted or"
                    .formatted(file.topicNames().cdcOffsets())
                + " emptied",
            now.tables().keySet());
    return now.at(highest.getAsLong(), 0).withGap(lost);
  }

  /** A slot that is left has to go: only a new one comes with a snapshot of where it begins. */
  private ChangeStream.Config snapshot(
      Connection connection, SourceOffset now, FullSnapshot snapshot)
      throws SQLException, InterruptedException {
    guard.forget();
    settings.publication().ensure(connection);
    if (snapshot.isInitial()) {
      settings.slot().drop(connection, SLOT_PATIENCE);
    } else {
      settings.slot().free(connection, SLOT_PATIENCE);
      settings.slot().drop(connection, SLOT_PATIENCE);
    }
    return config(
        new SourceOffset(0, 0, now.tables(), gaps.footing(connection), now.base()), snapshot);
  }

  private ChangeStream.Config resume(Connection connection, SourceOffset now, SourceOffset last)
      throws SQLException, InterruptedException {
    Optional<Gap> gap = last.missing();
    if (gap.isEmpty()) {
      gap = guard.dropped();
      if (gap.isEmpty()) {
        gap = gaps.behind(last, connection, now);
      }
      if (gap.isPresent()) {
        log.commit(last.withGap(gap.get()));
      }
    } else if (log.committed().isEmpty()) {
      log.commit(last);
    }
    if (gap.isPresent()) {
      throw new GapException(gap.get());
    }
    settings.slot().free(connection, SLOT_PATIENCE);
    settings.publication().ensure(connection);
    // Of the tables that were looked at only that: what is altered since, the next look finds.
    Footing footing = gaps.footing(connection).as(now.footing(), last.sameTables(now));
    return config(new SourceOffset(0, 0, now.tables(), footing, last.base()), null);
  }

  private ChangeStream.Config config(SourceOffset template, @Nullable FullSnapshot snapshot) {
    String maxRecord =
        String.valueOf(
            KafkaSettings.client(file, CdcConnector.STAGE)
                .getOrDefault(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, DEFAULT_MAX_RECORD));
    return new ChangeStream.Config(
        template,
        snapshot,
        settings.grouping(),
        settings.groupedBytes(),
        Long.parseLong(maxRecord));
  }

  private static SortedMap<String, String> captured(List<CapturedTable> tables) {
    SortedMap<String, String> captured = new TreeMap<>();
    tables.forEach(table -> captured.put(table.name(), table.from().toString()));
    return captured;
  }
}

package io.millrace.cdc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * From where a run reads the source: from the committed offset on, if all that follows it is still
 * there; with a snapshot, if nothing was captured yet or someone asked for one; otherwise from
 * nowhere.
 */
final class StartingPoint {
  private static final Duration SLOT_PATIENCE = Duration.ofSeconds(30);

  private final CdcSettings settings;
  private final SourceRun.Parts parts;
  private final TransactionLog log;
  private final LiveKeys rows;
  private final GapCheck gaps;
  private final SlotGuard guard;

  StartingPoint(CdcSettings settings, SourceRun.Parts parts, GapCheck gaps, SlotGuard guard) {
    this.settings = settings;
    this.parts = parts;
    this.log = parts.log();
    this.rows = parts.rows();
    this.gaps = gaps;
    this.guard = guard;
  }

  /**
   * Makes the source ready for it.
   *
   * @throws GapException when neither can be done: what is missing is committed before
   */
  SourceRun.Start find() throws InterruptedException {
    try (Connection connection = settings.database().connect()) {
      SourceOffset now =
          new SourceOffset(new TreeMap<>(), 0, parts.captured(), gaps.footing(connection), 0);
      SourceOffset last = log.committed().orElse(null);
      if (last == null) {
        last = unknown(now);
      }
      if (last == null) {
        return snapshot(connection, now, FullSnapshot.initial(rows));
      }
      if (parts.requests().isPending() || last.snapshotRequested()) {
        log.commit(last.withSnapshotRequested());
        parts.requests().accepted();
        return snapshot(
            connection,
            now,
            FullSnapshot.again(
                rows, Lsn.of(last) + last.base(), last.base(), parts.topics().values()));
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
    OptionalLong highest = HighestPosition.of(parts.file());
    if (highest.isEmpty()) {
      return null;
    }
    Gap lost =
        Gap.of(
            "Topic %s has no offset, though the change topics hold changes: it was deleted or"
                    .formatted(CdcTopics.offsets(parts.file()))
                + " emptied",
            now.tables().keySet());
    return now.at(Lsn.place(highest.getAsLong()), 0).withGap(lost);
  }

  /** A slot that is left has to go: only a new one comes with a snapshot of where it begins. */
  private SourceRun.Start snapshot(Connection connection, SourceOffset now, FullSnapshot snapshot)
      throws SQLException, InterruptedException {
    guard.forget();
    settings.publication().ensure(connection);
    if (snapshot.isInitial()) {
      settings.slot().drop(connection, SLOT_PATIENCE);
    } else {
      settings.slot().free(connection, SLOT_PATIENCE);
      settings.slot().drop(connection, SLOT_PATIENCE);
    }
    return new SourceRun.Start(
        new SourceOffset(new TreeMap<>(), 0, now.tables(), gaps.footing(connection), now.base()),
        snapshot);
  }

  private SourceRun.Start resume(Connection connection, SourceOffset now, SourceOffset last)
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
    return new SourceRun.Start(
        new SourceOffset(new TreeMap<>(), 0, now.tables(), footing, last.base()), null);
  }
}

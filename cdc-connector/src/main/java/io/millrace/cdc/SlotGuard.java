package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.SlotLimit;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches how much log the slot keeps back, and gives the slot up, when the pipeline file says so,
 * before it fills the database's disk. It asks only the database, so it works while Kafka is down,
 * and in a connector that stands by.
 */
final class SlotGuard {
  private static final Logger LOG = LoggerFactory.getLogger(SlotGuard.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ReplicationSlot slot;
  private final SlotLimit limit;
  private final Iterable<String> tables;
  private volatile @Nullable Gap dropped;
  private boolean exceeded;
  private long confirmedLsn;
  private long confirmedNanos = System.nanoTime();

  SlotGuard(PipelineFile file, ReplicationSlot slot) {
    this.slot = slot;
    this.limit = file.source().slotLimit();
    this.tables = file.source().tables().keySet();
  }

  /** What is missing since the slot was given up; empty when it is there. Called by any thread. */
  Optional<Gap> dropped() {
    return Optional.ofNullable(dropped);
  }

  /** A new slot is about to be made. Called by any thread. */
  void forget() {
    dropped = null;
  }

  /** Looks at the slot, and acts. Called by one thread. */
  void look(Connection connection, CdcMetrics metrics) throws SQLException, InterruptedException {
    Optional<ReplicationSlot.State> found = slot.state(connection);
    if (found.isEmpty()) {
      metrics.slotGone();
      return;
    }
    if (dropped != null) {
      forget();
      metrics.gap(false);
    }
    ReplicationSlot.State state = found.get();
    if (state.confirmedLsn() != confirmedLsn) {
      confirmedLsn = state.confirmedLsn();
      confirmedNanos = System.nanoTime();
    }
    metrics.slot(
        state.lagBytes(),
        state.retainedBytes(),
        Duration.ofNanos(System.nanoTime() - confirmedNanos));
    compare(connection, state.retainedBytes(), metrics);
  }

  private void compare(Connection connection, long retained, CdcMetrics metrics)
      throws SQLException, InterruptedException {
    boolean beyond = retained > limit.maxLagBytes();
    metrics.slotLagExceeded(beyond);
    if (beyond && limit.drop()) {
      drop(connection, retained);
      metrics.gap(true);
    } else if (beyond && !exceeded) {
      LOG.error(
          "Replication slot {} keeps back {} bytes of PostgreSQL's log, more than"
              + " source.max_slot_lag ({}): see why the changes do not reach Kafka before the"
              + " database's disk is full",
          slot.name(),
          retained,
          limit.maxLagBytes());
    }
    exceeded = beyond;
  }

  private void drop(Connection connection, long retained)
      throws SQLException, InterruptedException {
    Gap gap =
        Gap.of(
            "Replication slot %s kept back %d bytes of PostgreSQL's log, more than"
                    .formatted(slot.name(), retained)
                + " source.max_slot_lag (%d), and was dropped, as on_max_slot_lag says"
                    .formatted(limit.maxLagBytes()),
            tables);
    slot.free(connection, PATIENCE);
    slot.drop(connection, PATIENCE);
    dropped = gap;
    LOG.error("{}", gap.message());
  }
}

package io.millrace.cdc;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;

/** Every metric of the cdc-connector. */
public final class CdcMetrics {
  private final MeterRegistry meters;
  private final Counter deadLetters;
  private final Timer latency;
  private final AtomicLong slotLagBytes = new AtomicLong();
  private final AtomicLong slotRetainedBytes = new AtomicLong();
  private final AtomicLong slotConfirmedSeconds = new AtomicLong();
  private final AtomicInteger slotLagExceeded = new AtomicInteger();
  private final AtomicInteger leader = new AtomicInteger();
  private final AtomicInteger gap = new AtomicInteger();
  private final Counter timedOut;

  CdcMetrics(MeterRegistry meters) {
    this.meters = meters;
    this.deadLetters =
        Counter.builder("millrace.dead.letters")
            .description("Changes sent to the dead letters")
            .register(meters);
    this.latency =
        Timer.builder("millrace.stage.latency")
            .description("From the source's commit to Kafka's, per source transaction")
            .publishPercentiles(0.5, 0.99)
            .register(meters);
    Gauge.builder("millrace.cdc.leader", leader, AtomicInteger::get)
        .description("1 of the connector that captures, 0 of one that stands by")
        .register(meters);
    Gauge.builder("millrace.cdc.gap", gap, AtomicInteger::get)
        .description("1 while changes are missing and a new snapshot has to be asked for")
        .register(meters);
    this.timedOut =
        Counter.builder("millrace.cdc.transactions.timed.out")
            .description(
                "Kafka transactions undone because they took longer than the broker allows")
            .register(meters);
    Gauge.builder("millrace.cdc.slot.retained.bytes", slotRetainedBytes, AtomicLong::get)
        .description("Log that PostgreSQL keeps on its disk for the replication slot")
        .register(meters);
    Gauge.builder("millrace.cdc.slot.confirmed.age.seconds", slotConfirmedSeconds, AtomicLong::get)
        .description("Since the slot was last told what Kafka has; heartbeats do so when idle")
        .register(meters);
    Gauge.builder("millrace.cdc.slot.lag.exceeded", slotLagExceeded, AtomicInteger::get)
        .description("1 while PostgreSQL keeps more log for the slot than source.max_slot_lag")
        .register(meters);
    Gauge.builder("millrace.cdc.slot.lag.bytes", slotLagBytes, AtomicLong::get)
        .description("Log that PostgreSQL keeps because Kafka has not confirmed it")
        .register(meters);
  }

  /** Snapshots of these tables, as they stand whenever someone looks. */
  void snapshots(Set<String> tables, SnapshotDesk desk) {
    for (SnapshotView.State state : SnapshotView.State.values()) {
      Gauge.builder("millrace.cdc.snapshots", desk, now -> now.count(state))
          .description("Snapshots of single tables by how they stand")
          .tag("state", state.text())
          .register(meters);
    }
    for (String table : tables) {
      running("millrace.cdc.snapshot.read.rows", table, desk, SnapshotView::rows)
          .description("Rows that the snapshot of the table has read; 0 while there is none")
          .register(meters);
      running("millrace.cdc.snapshot.estimated.rows", table, desk, SnapshotView::estimatedRows)
          .description("Rows of the table by the database's statistics while it has a snapshot")
          .register(meters);
    }
  }

  private static Gauge.Builder<SnapshotDesk> running(
      String name, String table, SnapshotDesk desk, ToLongFunction<SnapshotView> rows) {
    return Gauge.builder(
            name,
            desk,
            now ->
                now.running()
                    .filter(running -> running.table().equals(table))
                    .map(running -> (double) rows.applyAsLong(running))
                    .orElse(0.0))
        .tag("table", table);
  }

  /** Counters of one table, to keep at hand. */
  record TableMetrics(Counter changes, Counter snapshotRows, Counter recordsOut) {}

  TableMetrics table(String table, String topic) {
    return new TableMetrics(
        Counter.builder("millrace.cdc.changes")
            .description("Changes read from the log")
            .tag("table", table)
            .register(meters),
        Counter.builder("millrace.cdc.snapshot.rows")
            .description("Rows read by the snapshot")
            .tag("table", table)
            .register(meters),
        Counter.builder("millrace.records.out")
            .description("Records written to a topic")
            .tag("topic", topic)
            .register(meters));
  }

  void deadLetter() {
    deadLetters.increment();
  }

  /** A source transaction that committed at {@code commitMicros} is in Kafka now. */
  void delivered(long commitMicros) {
    long micros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()) - commitMicros;
    latency.record(Duration.of(Math.max(micros, 0), ChronoUnit.MICROS));
  }

  void leader(boolean leads) {
    leader.set(leads ? 1 : 0);
  }

  void gap(boolean missing) {
    gap.set(missing ? 1 : 0);
  }

  /** A Kafka transaction took too long. */
  void timedOut() {
    timedOut.increment();
  }

  /** How the slot is. */
  void slot(long lagBytes, long retainedBytes, Duration sinceConfirmed) {
    slotLagBytes.set(lagBytes);
    slotRetainedBytes.set(retainedBytes);
    slotConfirmedSeconds.set(sinceConfirmed.toSeconds());
  }

  void slotLagExceeded(boolean exceeded) {
    slotLagExceeded.set(exceeded ? 1 : 0);
  }

  /** There is no slot, which keeps nothing. */
  void slotGone() {
    slot(0, 0, Duration.ZERO);
  }
}

package io.millrace.sink.maintenance;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.pipeline.LakeTable;
import java.time.Duration;

/**
 * Names, tags and units of what maintenance measures. Thread-safe.
 *
 * @param meters where
 */
record MaintenanceMetrics(MeterRegistry meters) {
  /** A task took so long. */
  void done(LakeTable table, String task, Duration duration) {
    Timer.builder("millrace.lake.maintenance")
        .description("How long a task of a table's maintenance took")
        .tag("table", table.identifier())
        .tag("task", task)
        .register(meters)
        .record(duration);
  }

  /** A task did not finish. */
  void failed(LakeTable table, String task) {
    Counter.builder("millrace.lake.maintenance.failures")
        .description("Tasks of a table's maintenance that did not finish")
        .tag("table", table.identifier())
        .tag("task", task)
        .register(meters)
        .increment();
  }

  /** So many snapshots went. */
  void expired(LakeTable table, int snapshots) {
    Counter.builder("millrace.lake.snapshots.expired")
        .description("Snapshots that expired")
        .tag("table", table.identifier())
        .register(meters)
        .increment(snapshots);
  }

  /** So many orphan files went. */
  void removedOrphans(LakeTable table, int files, long bytes) {
    Counter.builder("millrace.lake.orphans.removed")
        .description("Orphan files that were removed")
        .tag("table", table.identifier())
        .register(meters)
        .increment(files);
    Counter.builder("millrace.lake.orphans.removed.bytes")
        .description("Bytes of the orphan files that were removed")
        .tag("table", table.identifier())
        .register(meters)
        .increment((double) bytes);
  }
}

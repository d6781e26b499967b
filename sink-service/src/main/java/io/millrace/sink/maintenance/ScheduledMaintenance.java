package io.millrace.sink.maintenance;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.Maintenance;
import io.millrace.pipeline.PipelineFile;
import io.millrace.sink.SinkMetrics;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Maintains the lake tables whose commits this process makes, one after the other, as the pipeline
 * file says.
 */
public final class ScheduledMaintenance implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ScheduledMaintenance.class);

  private static final Duration LOOK = Duration.ofSeconds(1);

  /** Listing a directory is dear, and an orphan that is there a little longer does no harm. */
  private static final int LISTINGS_PER_AGE = 8;

  private final TableMaintenance maintenance;
  private final Predicate<String> isOwned;
  private final MaintenanceMetrics metrics;
  private final SinkMetrics sink;
  private final List<Task> tasks;
  private final Thread thread;

  /**
   * A schedule that is not started.
   *
   * @param isOwned whether this process commits to the table of an identifier
   */
  public ScheduledMaintenance(
      PipelineFile pipeline,
      TableMaintenance maintenance,
      Predicate<String> isOwned,
      MeterRegistry meters) {
    this.maintenance = maintenance;
    this.isOwned = isOwned;
    this.metrics = new MaintenanceMetrics(meters);
    this.sink = new SinkMetrics(meters);
    this.tasks =
        pipeline.lakeTables().stream()
            .filter(table -> pipeline.lake().maintenance(table).enabled())
            .flatMap(table -> tasks(table, pipeline.lake().maintenance(table)).stream())
            .toList();
    this.thread = Thread.ofVirtual().name("lake-maintenance").unstarted(this::run);
  }

  private interface Work {
    void run();
  }

  /** What is done to a table again and again. */
  private static final class Task {
    private final LakeTable table;
    private final String name;
    private final Duration every;
    private final Work work;
    private long due;

    /** Tables have their first turns at different times. */
    Task(LakeTable table, String name, Duration every, Work work) {
      this.table = table;
      this.name = name;
      this.every = every;
      this.work = work;
      this.due = System.nanoTime() + ThreadLocalRandom.current().nextLong(every.toNanos());
    }

    boolean isDue() {
      return System.nanoTime() - due >= 0;
    }

    void done() {
      due = System.nanoTime() + every.toNanos();
    }
  }

  private List<Task> tasks(LakeTable table, Maintenance policy) {
    Duration listing = policy.removeOrphansAfter().dividedBy(LISTINGS_PER_AGE);
    return List.of(
        new Task(table, "expire", policy.every(), () -> expire(table, policy)),
        new Task(table, "compact", policy.every(), () -> compact(table, policy)),
        new Task(
            table,
            "orphans",
            listing.compareTo(policy.every()) < 0 ? policy.every() : listing,
            () -> removeOrphans(table, policy)));
  }

  /** Starts. */
  public void start() {
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(LOOK);
        tasks.stream()
            .filter(task -> task.isDue() && isOwned.test(task.table.identifier()))
            .forEach(this::run);
      }
    } catch (InterruptedException e) {
      LOG.debug("Maintenance stops");
    }
  }

  private void run(Task task) {
    long start = System.nanoTime();
    try {
      task.work.run();
      metrics.done(task.table, task.name, Duration.ofNanos(System.nanoTime() - start));
    } catch (NoSuchTableException e) {
      LOG.debug("Lake table {} does not exist yet", task.table.identifier());
    } catch (RuntimeException e) {
      metrics.failed(task.table, task.name);
      LOG.warn(
          "Maintenance of lake table {} did not finish ({}), trying again in {}: {}",
          task.table.identifier(),
          task.name,
          task.every,
          e.getMessage());
    }
    task.done();
  }

  private void expire(LakeTable table, Maintenance policy) {
    SnapshotExpiry expiry = maintenance.expire(table, policy, policy.keepSnapshots(), false);
    metrics.expired(table, expiry.expired().size());
    expiry
        .held()
        .forEach(
            (tag, snapshot) ->
                LOG.info(
                    "Another writer moved rows of lake table {}: tag {} keeps snapshot {}, by"
                        + " whose files they are found",
                    table.identifier(),
                    tag,
                    snapshot));
  }

  private void compact(LakeTable table, Maintenance policy) {
    Compaction compaction = maintenance.compact(table, policy, false);
    sink.compacted(table.identifier(), compaction.files(), compaction.bytes());
  }

  private void removeOrphans(LakeTable table, Maintenance policy) {
    OrphanFiles orphans = maintenance.removeOrphans(table, policy.removeOrphansAfter(), false);
    metrics.removedOrphans(table, orphans.files().size(), orphans.bytes());
    if (!orphans.files().isEmpty()) {
      LOG.info(
          "Removed {} orphan files of lake table {}, {} bytes",
          orphans.files().size(),
          table.identifier(),
          orphans.bytes());
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}

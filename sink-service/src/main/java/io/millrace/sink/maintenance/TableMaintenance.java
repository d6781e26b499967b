package io.millrace.sink.maintenance;

import io.millrace.pipeline.LakeTable;
import io.millrace.sink.lake.LakeCatalog;
import java.time.Clock;
import java.time.Duration;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.NoSuchTableException;

/**
 * What can be done to tidy a lake table, at any time and from any process: it never touches what
 * the sink has committed or is about to.
 *
 * @param catalog where the tables are
 * @param pending what the sink is about to commit
 * @param clock tells how old snapshots and files are
 */
public record TableMaintenance(LakeCatalog catalog, PendingFiles pending, Clock clock) {
  /** What one run may hold in memory, and keep others waiting for. */
  private static final int MOST_SNAPSHOTS = 1_000;

  private static final int MOST_ORPHANS = 10_000;

  /**
   * Expires snapshots of a table.
   *
   * @param keep age at which they expire
   * @param rehearse only says which
   * @throws NoSuchTableException when there is none
   */
  public SnapshotExpiry expire(LakeTable name, Duration keep, boolean rehearse) {
    Table table = catalog.load(name);
    SnapshotExpiry expiry = SnapshotExpiry.plan(table, clock.instant().minus(keep), MOST_SNAPSHOTS);
    if (!rehearse) {
      expiry.run(table);
    }
    return expiry;
  }

  /**
   * Removes orphan files of a table.
   *
   * @param age from which on a file counts as one
   * @param rehearse only says which
   * @throws NoSuchTableException when there is none
   * @throws IllegalStateException when it cannot be told which files the table has
   */
  public OrphanFiles removeOrphans(LakeTable name, Duration age, boolean rehearse) {
    Table table = catalog.load(name);
    OrphanFiles orphans =
        OrphanFiles.find(
            table, () -> pending.of(name.identifier()), clock.instant().minus(age), MOST_ORPHANS);
    if (!rehearse) {
      orphans.delete(table.io());
    }
    return orphans;
  }
}

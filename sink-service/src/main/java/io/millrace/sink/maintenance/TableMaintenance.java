package io.millrace.sink.maintenance;

import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.Maintenance;
import io.millrace.sink.lake.LakeCatalog;
import java.time.Clock;
import java.time.Duration;
import org.apache.iceberg.HasTableOperations;
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

  private static final long MOST_BYTES = 1L << 30;
  private static final Duration MOST_TIME = Duration.ofMinutes(1);

  /**
   * Expires snapshots of a table, and before that gives the last ones of days their tags.
   *
   * @param policy of the table
   * @param keep age at which they expire
   * @param rehearse only says which
   * @throws NoSuchTableException when there is none
   */
  public SnapshotExpiry expire(
      LakeTable name, Maintenance policy, Duration keep, boolean rehearse) {
    Table table = catalog.load(name);
    SnapshotExpiry expiry =
        SnapshotExpiry.plan(table, policy, keep, MOST_SNAPSHOTS, clock.instant());
    if (!rehearse) {
      expiry.run(table);
    }
    return expiry;
  }

  /**
   * Whether a table's small files are made one from here: in one with key indexes, which say in
   * which file a row stands, the writers do that.
   */
  public boolean isCompacted(LakeTable name) {
    return isCompacted(catalog.load(name));
  }

  private static boolean isCompacted(Table table) {
    return !LakeCatalog.hasDeletionVectors(((HasTableOperations) table).operations().current());
  }

  /**
   * Makes small data files of a table one, as many as a run may.
   *
   * @param rehearse only says which
   * @return what was begun; nothing of a table that is not compacted
   * @throws NoSuchTableException when there is none
   * @throws org.apache.iceberg.exceptions.ValidationException when another writer took a file away
   */
  public Compaction compact(LakeTable name, Maintenance policy, boolean rehearse) {
    Table table = catalog.load(name);
    if (table.currentSnapshot() == null || !isCompacted(table)) {
      return Compaction.NONE;
    }
    Compaction plan = Compaction.plan(table, policy, MOST_BYTES);
    return rehearse ? plan : new CompactionRun(table).run(plan, MOST_TIME);
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

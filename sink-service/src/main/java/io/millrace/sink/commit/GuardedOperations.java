package io.millrace.sink.commit;

import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.encryption.EncryptionManager;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A table's operations that let a commit through only while the table's progress is what the commit
 * was planned on, and that settle by reading the table what a failed commit came to.
 *
 * <p>Every attempt of an Iceberg transaction, retries on changed metadata included, ends in {@link
 * #commit} with the metadata that it replaces, and the catalog swaps the two atomically. So this is
 * compare-and-set: a committer that was presumed dead cannot apply descriptors a second time.
 *
 * <p>A REST catalog does not compare the metadata as a whole. What it is sent is the changes, with
 * the requirement that the table's newest snapshot is the one that they were made on, if a snapshot
 * is among them. So each commit must have one, with or without files; then no other commit of
 * descriptors can come between.
 */
final class GuardedOperations implements TableOperations {
  private static final Logger LOG = LoggerFactory.getLogger(GuardedOperations.class);

  private final TableOperations delegate;
  private final String table;
  private final TableProgress expected;
  private final TableProgress.Control intended;

  /**
   * Guards a commit.
   *
   * @param expected the table's progress that the commit was planned on
   * @param intended the position that the commit takes the table to
   */
  GuardedOperations(
      TableOperations delegate,
      String table,
      TableProgress expected,
      TableProgress.Control intended) {
    this.delegate = delegate;
    this.table = table;
    this.expected = expected;
    this.intended = intended;
  }

  @Override
  public void commit(TableMetadata base, TableMetadata metadata) {
    if (!TableProgress.of(base).equals(expected)) {
      throw new OvertakenException(table);
    }
    try {
      delegate.commit(base, metadata);
    } catch (CommitFailedException e) {
      // "Failed" is not certain either: a catalog client that sends its statement again after the
      // connection broke finds the first one's result and takes it for another's.
      if (!landed(base, metadata, e)) {
        throw e;
      }
    } catch (RuntimeException e) {
      if (!landed(base, metadata, e)) {
        // It may still land: no file of it may be deleted.
        throw new CommitStateUnknownException(e);
      }
    }
  }

  /**
   * Whether this very commit stands in the table.
   *
   * @throws OvertakenException when another commit of the same descriptors does
   * @throws CommitStateUnknownException when the table cannot be read
   */
  private boolean landed(TableMetadata base, TableMetadata metadata, RuntimeException failure) {
    TableMetadata now;
    try {
      now = delegate.refresh();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
      throw new CommitStateUnknownException(failure);
    }
    if (!TableProgress.of(now).covers(intended)) {
      return false;
    }
    Snapshot mine = metadata.currentSnapshot();
    boolean hasSnapshot = mine != null && base.snapshot(mine.snapshotId()) == null;
    if (hasSnapshot && now.snapshot(mine.snapshotId()) == null) {
      throw new OvertakenException(table);
    }
    LOG.warn(
        "Commit to lake table {} was reported as failed ({}), but the table has it",
        table,
        failure.getMessage());
    return true;
  }

  @Override
  public TableMetadata current() {
    return delegate.current();
  }

  @Override
  public TableMetadata refresh() {
    return delegate.refresh();
  }

  @Override
  public FileIO io() {
    return delegate.io();
  }

  @Override
  public EncryptionManager encryption() {
    return delegate.encryption();
  }

  @Override
  public String metadataFileLocation(String fileName) {
    return delegate.metadataFileLocation(fileName);
  }

  @Override
  public LocationProvider locationProvider() {
    return delegate.locationProvider();
  }

  @Override
  public TableOperations temp(TableMetadata uncommitted) {
    return delegate.temp(uncommitted);
  }

  @Override
  public long newSnapshotId() {
    return delegate.newSnapshotId();
  }

  @Override
  public boolean requireStrictCleanup() {
    return true;
  }
}

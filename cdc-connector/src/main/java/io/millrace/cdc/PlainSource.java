package io.millrace.cdc;

import java.util.Optional;

/** A database of which no snapshot is taken to close a gap. */
public interface PlainSource extends CapturedSource {
  /**
   * Makes the source ready to be read from the committed offset on; without one, for a snapshot.
   *
   * @return the database's identity: an offset means nothing in another one
   * @throws IllegalStateException when the source no longer has what follows the offset
   */
  String prepare(Optional<SourceOffset> committed) throws InterruptedException;

  /**
   * Whether the changes of a table behind an offset can be read. Of one that came into the file
   * later the reader of the others finds a place from where on they can be, and commits it.
   */
  boolean isReadable(TableName table, SourceOffset offset);

  /** Starts reading single tables. */
  SnapshotRound.Starter rounds();

  @Override
  default SourceRun begin(SourceRun.Parts parts) throws InterruptedException {
    return PlainRun.begin(this, parts);
  }
}

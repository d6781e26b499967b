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

  /** Starts reading single tables. */
  SnapshotRound.Starter rounds();

  @Override
  default SourceRun begin(SourceRun.Parts parts) throws InterruptedException {
    return PlainRun.begin(this, parts);
  }
}

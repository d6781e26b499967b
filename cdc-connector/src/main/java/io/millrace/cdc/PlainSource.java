package io.millrace.cdc;

import java.util.Optional;

/**
 * A database whose tables are all read once, in the initial snapshot: it has no later ones, neither
 * of single tables nor to close a gap.
 */
public interface PlainSource extends CapturedSource {
  /**
   * Makes the source ready to be read from the committed offset on; without one, for a snapshot.
   *
   * @return the database's identity: an offset means nothing in another one
   * @throws IllegalStateException when the source no longer has what follows the offset
   */
  String prepare(Optional<SourceOffset> committed) throws InterruptedException;

  @Override
  default SourceRun begin(SourceRun.Parts parts) throws InterruptedException {
    return PlainRun.begin(this, parts);
  }
}

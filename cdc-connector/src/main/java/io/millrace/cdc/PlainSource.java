package io.millrace.cdc;

import java.util.Optional;
import java.util.SortedMap;

/** A database whose log no one keeps for us: it is there, or it is not. */
public interface PlainSource extends CapturedSource {
  /** The database's identity: an offset means nothing in another one. */
  String system();

  /** Why changes that follow an offset are missing; empty when they are all there. */
  Optional<String> missing(SourceOffset offset);

  /** A position that no change up to an offset is behind. */
  long position(SourceOffset offset);

  /** A place of which nothing is known but its position. */
  SortedMap<String, String> place(long position);

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

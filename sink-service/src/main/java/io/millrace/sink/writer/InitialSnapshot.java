package io.millrace.sink.writer;

/**
 * Knows whether a source partition has so far brought nothing but its first snapshot. A snapshot
 * reads each key once, so until then every key is new to the lake and needs no equality delete.
 *
 * <p>Positions tell snapshots apart: all rows of one carry the same log position and count upwards
 * behind the dash ({@link io.millrace.schemas.SourceMetadata#SOURCE_POS}).
 */
final class InitialSnapshot {
  private boolean running;
  private String last = "";

  /**
   * Watches a partition.
   *
   * @param fromBeginning whether the records to come are the partition's first
   */
  InitialSnapshot(boolean fromBeginning) {
    this.running = fromBeginning;
  }

  /** Whether {@code change}, the next of the partition, is still of the first snapshot. */
  boolean includes(Change change) {
    if (!running || !change.isSnapshot()) {
      running = false;
      return false;
    }
    String position = change.sourcePos().toString();
    int dash = position.indexOf('-') + 1;
    running =
        dash > 0
            && (last.isEmpty()
                || (last.regionMatches(0, position, 0, dash) && last.compareTo(position) < 0));
    last = position;
    return running;
  }
}

package io.millrace.sink.writer;

/**
 * Turns the changes of one source partition into files of one lake table. Belongs to one task and
 * its thread.
 */
sealed interface TableWriter permits AppendWriter, UpsertWriter {
  /** The table's identifier. */
  String table();

  /**
   * Makes the table fit a change and checks that it can take it.
   *
   * @throws org.apache.kafka.common.errors.SerializationException when the change is poison
   */
  void check(Change change);

  /**
   * Takes a change that was checked.
   *
   * @param isFirst no earlier epoch can have left a row of the change's key in the table
   */
  void write(Change change, boolean isFirst);

  /** Bytes of heap that wait for the end of the epoch, about. */
  long buffered();

  /** Ends the epoch: closes every file. The next change begins another. */
  WrittenEpoch finish();

  /** Gives the epoch up: closes and deletes what it wrote. */
  void abandon();
}

package io.millrace.cdc;

import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Reads a source's changes in the order in which they were committed, as Debezium's records: change
 * events, BEGIN and END of each transaction, and other records in between, which only say that the
 * source was read so far. A transaction that began ends before the next one begins.
 *
 * <p>Used by one thread.
 */
public interface SourceReader extends AutoCloseable {
  /** Begins where the committed offset says; without one, with a snapshot. */
  void start();

  /** The next records; none when none came for a moment. */
  List<SourceRecord> poll() throws InterruptedException;

  /** Lets the source forget what the committed offset covers: at the next {@link #poll}. */
  void confirm() throws InterruptedException;

  /**
   * What to write to the topic of the schema history in the transaction that commits {@code place},
   * in its order: all that was not taken before, and no statement that stands after the place. A
   * source that has no history has none to write.
   */
  default List<byte[]> takeHistory(SortedMap<String, String> place) {
    return List.of();
  }

  /**
   * Tables that statements up to {@code place} altered, so that rows are others that no change
   * tells of; of statements that were not told of before. A source whose log does not tell of
   * statements has none.
   */
  default Set<TableName> altered(SortedMap<String, String> place) {
    return Set.of();
  }

  /**
   * Up to where the source is complete when {@code record} is the last thing read and no
   * transaction is open; before any, where the snapshot was taken.
   */
  SortedMap<String, String> place(SourceRecord record);

  /** Commit time of the last transaction before {@link #place}, in microseconds. */
  long micros(SourceRecord record);

  /** Whether {@code record} was read while the initial snapshot was not complete. */
  boolean isWithinSnapshot(SourceRecord record);

  /**
   * Where the rows of a snapshot stand: before any change that is read after it.
   *
   * @param first the snapshot's first row
   */
  long snapshotPosition(SourceRecord first);

  /**
   * Checks that all that is committed after the snapshot will be read.
   *
   * @param first what is read first after the snapshot's rows
   * @throws UncapturableException when it is not so
   */
  default void verifySnapshot(SourceRecord first) {}

  /** What is told of a change in Debezium's {@code source} block. */
  SourceBlock block(Schema source);

  /** A position of the log as people write it. */
  String text(long position);

  @Override
  void close();
}

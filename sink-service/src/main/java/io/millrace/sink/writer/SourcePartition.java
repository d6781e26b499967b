package io.millrace.sink.writer;

import io.millrace.schemas.DataFileDescriptor;
import io.millrace.sink.commit.ProtocolViolationException;
import io.millrace.sink.writer.WrittenFile.Kind;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.TopicPartition;

/**
 * A source partition on its way into the lake tables that its topic feeds. What it wrote between
 * two commits of its task is an epoch: the half-open range of offsets from one commit to the next.
 * Belongs to one task and its thread.
 */
final class SourcePartition {
  private final TopicPartition partition;
  private final String topicId;
  private final List<TableWriter> tables;
  private final InitialSnapshot snapshot;
  private final BufferLimit limit;
  private SourceTimes times = new SourceTimes();
  private long start;
  private long buffered;

  /**
   * A source partition.
   *
   * @param topicId id of its topic
   * @param start the offset committed last; {@link DataFileDescriptor#BEGINNING} when none is
   * @param tables writers of the topic's tables, for this partition
   * @param limit of the heap that all partitions' rows may take
   */
  SourcePartition(
      TopicPartition partition,
      String topicId,
      long start,
      List<TableWriter> tables,
      BufferLimit limit) {
    this.limit = limit;
    this.partition = partition;
    this.topicId = topicId;
    this.start = start;
    this.tables = tables;
    this.snapshot = new InitialSnapshot(start == DataFileDescriptor.BEGINNING);
  }

  String topicId() {
    return topicId;
  }

  /**
   * Checks that a record belongs to the epoch.
   *
   * @throws ProtocolViolationException when the topic went back behind what was committed
   */
  void requireAfterStart(long offset) {
    if (offset < start) {
      throw new ProtocolViolationException(
          ("read offset %d of %s after offset %d was committed: the topic was deleted and made"
                  + " again, or the consumer group was reset. Drop the lake tables of the topic and"
                  + " reset the group to the beginning to build them anew")
              .formatted(offset, partition, start));
    }
  }

  /**
   * Writes a change to every table.
   *
   * @return whether the epoch should end soon, for it takes too much heap
   * @throws org.apache.kafka.common.errors.SerializationException when it is poison to one of them;
   *     then none has taken it
   */
  boolean write(Change change) {
    for (TableWriter table : tables) {
      table.check(change);
    }
    boolean isSnapshot = snapshot.includes(change);
    boolean isFirst = start == DataFileDescriptor.BEGINNING || isSnapshot;
    for (TableWriter table : tables) {
      table.write(change, isFirst);
    }
    if (change.sourceTs() != Change.UNKNOWN) {
      times.add(change.sourceTs(), change.isSnapshot());
    }
    return account();
  }

  private boolean account() {
    long now = 0;
    for (TableWriter table : tables) {
      now += table.buffered();
    }
    long more = now - buffered;
    buffered = now;
    return limit.add(more);
  }

  /**
   * Ends the epoch.
   *
   * @param end the offset about to be committed
   * @return one descriptor per table, also for tables that got no rows; none when nothing was read
   */
  List<DataFileDescriptor> finish(long end) {
    if (end == start) {
      return List.of();
    }
    if (end < start) {
      requireAfterStart(end);
    }
    List<DataFileDescriptor.SourceTime> spans = times.spans();
    List<DataFileDescriptor> descriptors = new ArrayList<>();
    for (TableWriter table : tables) {
      WrittenEpoch epoch = table.finish();
      descriptors.add(
          new DataFileDescriptor(
              table.table(),
              partition.topic(),
              topicId,
              partition.partition(),
              start,
              end,
              epoch.json(Kind.ROWS),
              epoch.json(Kind.DELETED_KEYS),
              epoch.json(Kind.DELETED_ROWS),
              epoch.deadFiles(),
              epoch.rows(),
              epoch.deletes(),
              times.least(),
              times.greatest(),
              spans));
    }
    times = new SourceTimes();
    account();
    return descriptors;
  }

  /** The epoch is committed; the next begins at its end. */
  void committed(long end) {
    start = end;
  }

  /**
   * Gives up the epoch. Files of descriptors that were made stay: their transaction may have
   * committed.
   */
  void abandon() {
    limit.add(-buffered);
    buffered = 0;
    tables.forEach(TableWriter::abandon);
  }
}

package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one run needs of a source besides its {@link SourceReader}: from where it is read, and
 * whether it still can be.
 *
 * <p>Used by one thread.
 */
interface SourceRun extends AutoCloseable {
  /**
   * What a run of any source has.
   *
   * @param topics of the tables
   * @param requests for a new snapshot of everything
   * @param desk where snapshots of single tables are asked for
   */
  record Parts(
      PipelineFile file,
      TransactionLog log,
      LiveKeys rows,
      List<CapturedTable> tables,
      Map<TableName, ChangeTopic> topics,
      SnapshotRequests requests,
      SnapshotDesk desk) {
    /** The same, of some of the tables. */
    Parts of(List<CapturedTable> some) {
      Map<TableName, ChangeTopic> theirs = new LinkedHashMap<>();
      some.forEach(
          table -> theirs.put(table.from(), Objects.requireNonNull(topics.get(table.from()))));
      return new Parts(file, log, rows, some, theirs, requests, desk);
    }

    /** The tables as an offset names them: name in the pipeline to name in the database. */
    SortedMap<String, String> captured() {
      SortedMap<String, String> captured = new TreeMap<>();
      tables.forEach(table -> captured.put(table.name(), table.from().toString()));
      return captured;
    }
  }

  /**
   * From where the source is read.
   *
   * @param offset an offset whose tables and footing every committed one has
   * @param snapshot what is to be read first; null to go on from the committed offset
   */
  record Start(SourceOffset offset, @org.jspecify.annotations.Nullable FullSnapshot snapshot) {}

  /** From where the source is read. */
  Start start();

  /** The tables that are read; of others it is not yet known from where on. */
  List<CapturedTable> tables();

  /** Snapshots of single tables. */
  TableSnapshots snapshots();

  /** The changes begin to come. */
  void streaming();

  /** Whether the source can be read on; what it means when it cannot the next run finds. */
  boolean holds() throws InterruptedException;

  /** Whether what is read from now is not what the start was made from. */
  boolean isReplaced();

  @Override
  void close();
}

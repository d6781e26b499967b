package io.millrace.sink.writer;

import io.millrace.sink.lake.ParquetFiles;
import io.millrace.sink.lake.Partitions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.kafka.common.utils.Bytes;

/** The files of one epoch of a keyed table: rows that come, and what says which rows go. */
abstract sealed class UpsertFiles permits EqualityUpserts, VectoredUpserts {
  private final Target target;
  private final Table table;
  private final ParquetFiles files;
  private final RowFiles<Entry> rows;
  private final List<WrittenFile> finished;

  /**
   * Files of a table.
   *
   * @param finished gets each file that is finished
   */
  UpsertFiles(Target target, int sourcePartition, List<WrittenFile> finished) {
    this.target = target;
    this.table = target.table();
    this.files = new ParquetFiles(table, sourcePartition);
    this.rows = new RowFiles<>(target, files, entry -> entry.last().change());
    this.finished = finished;
  }

  /** A key and its last change. */
  record Entry(Bytes key, LastChange last) {}

  /**
   * What is gone with an epoch.
   *
   * @param files data files of earlier epochs that have no rows left, as JSON
   * @param deletes keys or rows that were deleted
   */
  record Gone(List<String> files, long deletes) {
    static final Gone NOTHING = new Gone(List.of(), 0);
  }

  /** Writes what has become of keys. */
  abstract Gone write(Map<Bytes, LastChange> changes);

  final Target target() {
    return target;
  }

  final Table table() {
    return table;
  }

  /** The partitioning that a file was written in. */
  final PartitionSpec specOf(DataFile file) {
    return Partitions.specOf(file, table);
  }

  final ParquetFiles files() {
    return files;
  }

  final void finished(WrittenFile file) {
    finished.add(file);
  }

  /** A data file and the rows in it. */
  record Rows(DataFile file, List<Entry> entries) {}

  /** Writes the rows that keys now hold. */
  final List<Rows> writeRows(List<Entry> kept) {
    List<Rows> written = new ArrayList<>();
    rows.arrange(kept)
        .forEach(
            (partition, group) -> {
              DataFile file = rows.write(partition, group);
              finished(WrittenFile.of(file, table));
              written.add(new Rows(file, group));
            });
    return written;
  }
}

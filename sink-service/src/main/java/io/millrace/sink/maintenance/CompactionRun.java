package io.millrace.sink.maintenance;

import io.millrace.sink.lake.ParquetFiles;
import io.millrace.sink.lake.Partitions;
import io.millrace.sink.lake.RowSorter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;

/**
 * Makes groups of data files one file each, each in a commit of its own.
 *
 * <p>The new file counts as old as the snapshot that was read: deletes by key that came later reach
 * it, those that it was made without do not.
 */
final class CompactionRun {
  /** Property of the snapshots' summaries. */
  private static final String SUMMARY = "millrace.maintenance";

  private final Table table;
  private final Snapshot read;
  private final LiveRows rows;
  private final ParquetFiles files;

  CompactionRun(Table table) {
    this.table = table;
    this.read = Objects.requireNonNull(table.currentSnapshot());
    this.rows = new LiveRows(table);
    this.files = new ParquetFiles(table, 0);
  }

  /**
   * Carries a plan out that was made of the table as it was loaded.
   *
   * @param most time after which no group is begun
   * @return the part of it that was done
   * @throws org.apache.iceberg.exceptions.ValidationException when another writer took a file away
   */
  Compaction run(Compaction plan, Duration most) {
    long end = System.nanoTime() + most.toNanos();
    List<List<FileScanTask>> done = new ArrayList<>();
    for (List<FileScanTask> group : plan.groups()) {
      if (System.nanoTime() - end > 0) {
        break;
      }
      compact(group);
      done.add(group);
    }
    return new Compaction(done);
  }

  private void compact(List<FileScanTask> group) {
    DataFile merged = merge(group);
    Set<DataFile> replaced = group.stream().map(FileScanTask::file).collect(Collectors.toSet());
    RewriteFiles rewrite =
        table.newRewrite().validateFromSnapshot(read.snapshotId()).set(SUMMARY, "compact");
    replaced.forEach(rewrite::deleteFile);
    if (merged.recordCount() > 0) {
      rewrite.dataSequenceNumber(read.sequenceNumber()).addFile(merged);
    }
    rewrite.commit();
    if (merged.recordCount() == 0) {
      table.io().deleteFile(merged.location());
    }
  }

  private DataFile merge(List<FileScanTask> group) {
    DataFile first = group.getFirst().file();
    DataWriter<StructLike> writer =
        files.data(Partitions.specOf(first, table), first.partition(), table.sortOrder());
    try (writer) {
      if (table.sortOrder().isSorted()) {
        sort(group, writer);
      } else {
        forEachRow(group, writer::write);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot compact files of " + table.name(), e);
    }
    return writer.toDataFile();
  }

  private void sort(List<FileScanTask> group, DataWriter<StructLike> writer) throws IOException {
    try (RowSorter sorter = new RowSorter(table.schema(), table.sortOrder())) {
      forEachRow(group, sorter::add);
      try (CloseableIterable<StructLike> sorted = sorter.sorted()) {
        sorted.forEach(writer::write);
      }
    }
  }

  private void forEachRow(List<FileScanTask> group, Consumer<StructLike> action)
      throws IOException {
    for (FileScanTask task : group) {
      try (CloseableIterable<StructLike> live = rows.of(task)) {
        live.forEach(action);
      }
    }
  }
}

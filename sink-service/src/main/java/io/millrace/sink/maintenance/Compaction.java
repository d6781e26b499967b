package io.millrace.sink.maintenance;

import io.millrace.pipeline.Maintenance;
import io.millrace.sink.lake.Partitions;
import io.millrace.sink.lake.SizeTiers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.util.ContentFileUtil;

/**
 * Which data files of a table are to become one: some of one partitioning and partition value, and
 * of like size.
 *
 * @param groups files that become one each, in the order of their commits
 */
public record Compaction(List<List<FileScanTask>> groups) {
  static final Compaction NONE = new Compaction(List.of());

  /** What is sorted stands on the local disk meanwhile, which may be small. */
  private static final long MOST_SORTED = 64L << 20;

  /** Keeps its own copy. */
  public Compaction {
    groups = groups.stream().map(List::copyOf).toList();
  }

  /** How many files go. */
  public int files() {
    return groups.stream().mapToInt(List::size).sum();
  }

  /** How many bytes are read. */
  public long bytes() {
    return groups.stream().mapToLong(Compaction::bytes).sum();
  }

  private static long bytes(List<FileScanTask> group) {
    return group.stream().mapToLong(task -> task.file().fileSizeInBytes()).sum();
  }

  /**
   * Plans the compaction of a table as it was loaded.
   *
   * @param most bytes to read
   */
  static Compaction plan(Table table, Maintenance policy, long most) {
    List<FileScanTask> movable = new ArrayList<>();
    try (CloseableIterable<FileScanTask> files = table.newScan().planFiles()) {
      for (FileScanTask task : files) {
        if (task.deletes().stream().allMatch(Compaction::isByKey)) {
          movable.add(task);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the files of " + table.name(), e);
    }
    List<List<FileScanTask>> groups = new ArrayList<>();
    long target =
        table.sortOrder().isSorted()
            ? Math.min(MOST_SORTED, policy.targetFileSize())
            : policy.targetFileSize();
    long left = most;
    for (List<FileScanTask> files : Partitions.group(movable, FileScanTask::file, table)) {
      files.sort(
          Comparator.comparing((FileScanTask task) -> task.file().dataSequenceNumber())
              .thenComparing(task -> task.file().location()));
      for (List<FileScanTask> group :
          SizeTiers.groups(files, task -> task.file().fileSizeInBytes(), target)) {
        if (bytes(group) <= left) {
          groups.add(group);
          left -= bytes(group);
        }
      }
    }
    return new Compaction(groups);
  }

  /** Deletes by position are another engine's, which may not be done with the file. */
  private static boolean isByKey(DeleteFile delete) {
    return delete.content() == FileContent.EQUALITY_DELETES && !ContentFileUtil.isDV(delete);
  }
}

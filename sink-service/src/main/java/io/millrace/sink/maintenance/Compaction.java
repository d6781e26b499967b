package io.millrace.sink.maintenance;

import io.millrace.pipeline.Maintenance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.util.ContentFileUtil;

/**
 * Which data files of a table are to become one.
 *
 * <p>Files of one partition and of like size go together, each size being eight times the one
 * before: so a row is written anew as often as its file grows eightfold, not each time that a small
 * file comes.
 *
 * @param groups files that become one each, in the order of their commits
 */
public record Compaction(List<List<FileScanTask>> groups) {
  static final Compaction NONE = new Compaction(List.of());

  private static final int GROWTH = 8;

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
    Map<String, List<FileScanTask>> alike = new TreeMap<>();
    try (CloseableIterable<FileScanTask> files = table.newScan().planFiles()) {
      for (FileScanTask task : files) {
        if (isSmall(task.file(), policy)
            && task.file().specId() == table.spec().specId()
            && task.deletes().stream().allMatch(Compaction::isByKey)) {
          alike.computeIfAbsent(likeness(table, task.file()), any -> new ArrayList<>()).add(task);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the files of " + table.name(), e);
    }
    List<List<FileScanTask>> groups = new ArrayList<>();
    long left = most;
    for (List<FileScanTask> files : alike.values()) {
      for (List<FileScanTask> group : pack(files, policy)) {
        if (bytes(group) <= left) {
          groups.add(group);
          left -= bytes(group);
        }
      }
    }
    return new Compaction(groups);
  }

  private static boolean isSmall(DataFile file, Maintenance policy) {
    return file.fileSizeInBytes() < policy.targetFileSize() / 2;
  }

  /** Deletes by position are another engine's, which may not be done with the file. */
  private static boolean isByKey(DeleteFile delete) {
    return delete.content() == FileContent.EQUALITY_DELETES && !ContentFileUtil.isDV(delete);
  }

  private static String likeness(Table table, DataFile file) {
    int size = (63 - Long.numberOfLeadingZeros(Math.max(1, file.fileSizeInBytes()))) / 3;
    return table.spec().partitionToPath(file.partition()) + "#" + size;
  }

  private static List<List<FileScanTask>> pack(List<FileScanTask> files, Maintenance policy) {
    files.sort(
        Comparator.comparing((FileScanTask task) -> task.file().dataSequenceNumber())
            .thenComparing(task -> task.file().location()));
    List<List<FileScanTask>> groups = new ArrayList<>();
    List<FileScanTask> group = new ArrayList<>();
    for (FileScanTask task : files) {
      if (bytes(group) + task.file().fileSizeInBytes() > policy.targetFileSize()) {
        groups.add(group);
        group = new ArrayList<>();
      }
      group.add(task);
    }
    groups.add(group);
    groups.removeIf(
        some ->
            some.size() < GROWTH && (some.size() < 2 || bytes(some) < policy.targetFileSize() / 2));
    return groups;
  }
}

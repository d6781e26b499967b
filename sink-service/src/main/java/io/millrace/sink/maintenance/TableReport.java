package io.millrace.sink.maintenance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LongSummaryStatistics;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.util.ContentFileUtil;
import org.apache.iceberg.util.DeleteFileSet;

/**
 * What a table is made of.
 *
 * @param lines names and values, in order
 */
public record TableReport(Map<String, Object> lines) {
  /** Of a table as it was loaded. */
  public static TableReport of(Table table) {
    Map<String, Object> lines = new LinkedHashMap<>();
    TableMetadata metadata = ((HasTableOperations) table).operations().current();
    lines.put("format version", metadata.formatVersion());
    lines.put("location", table.location());
    addSnapshots(table, lines);
    addFiles(table, lines);
    return new TableReport(lines);
  }

  private static void addSnapshots(Table table, Map<String, Object> lines) {
    LongSummaryStatistics times = new LongSummaryStatistics();
    for (Snapshot snapshot : table.snapshots()) {
      times.accept(snapshot.timestampMillis());
    }
    lines.put("snapshots", times.getCount());
    if (times.getCount() > 0) {
      lines.put("oldest snapshot", Instant.ofEpochMilli(times.getMin()));
      lines.put("newest snapshot", Instant.ofEpochMilli(times.getMax()));
    }
    lines.put("tags and branches", table.refs().size());
    Snapshot current = table.currentSnapshot();
    if (current != null) {
      lines.put("manifests", current.allManifests(table.io()).size());
    }
  }

  private static void addFiles(Table table, Map<String, Object> lines) {
    LongSummaryStatistics sizes = new LongSummaryStatistics();
    long rows = 0;
    DeleteFileSet vectors = DeleteFileSet.create();
    DeleteFileSet others = DeleteFileSet.create();
    try (CloseableIterable<FileScanTask> files = table.newScan().planFiles()) {
      for (FileScanTask task : files) {
        DataFile file = task.file();
        sizes.accept(file.fileSizeInBytes());
        rows += file.recordCount();
        for (DeleteFile delete : task.deletes()) {
          (ContentFileUtil.isDV(delete) ? vectors : others).add(delete);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the files of " + table.name(), e);
    }
    lines.put("data files", sizes.getCount());
    lines.put("bytes in data files", sizes.getSum());
    lines.put("mean bytes of a data file", Math.round(sizes.getAverage()));
    lines.put("rows in data files", rows);
    lines.put("deletion vectors", vectors.size());
    lines.put("rows that these delete", vectors.stream().mapToLong(DeleteFile::recordCount).sum());
    lines.put("other delete files that apply", others.size());
  }
}

package io.millrace.benchmarks.lake;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.measure.Rounding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.util.ScanTaskUtil;

/**
 * A table as a reader finds it.
 *
 * @param seconds that Iceberg's own generic reader takes for all rows and columns, on one thread;
 *     the best of several
 * @param dataFiles how many
 * @param deletes delete files and deletion vectors
 * @param bytes of all of them
 */
record TableScan(double seconds, int dataFiles, int deletes, long bytes) {
  private static final int ATTEMPTS = 4;

  /**
   * Reads a table.
   *
   * @throws BenchmarkException when it does not hold what was written
   */
  static TableScan of(Table table, Upserts written) {
    double best = Double.MAX_VALUE;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      long start = System.nanoTime();
      read(table, written);
      best = Math.min(best, (System.nanoTime() - start) / 1e9);
    }
    return files(table, Rounding.hundredths(best));
  }

  private static void read(Table table, Upserts written) {
    long rows = 0;
    long versions = 0;
    try (CloseableIterable<Record> records = IcebergGenerics.read(table).build()) {
      for (Record record : records) {
        rows++;
        versions += (int) record.getField("version");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (rows != written.rows() || versions != written.sumOfVersions()) {
      throw new BenchmarkException(
          "%s holds %,d rows of versions that sum up to %,d, not %,d of %,d"
              .formatted(table.name(), rows, versions, written.rows(), written.sumOfVersions()));
    }
  }

  private static TableScan files(Table table, double seconds) {
    int dataFiles = 0;
    Map<String, Long> deletes = new HashMap<>();
    long bytes = 0;
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      for (FileScanTask task : tasks) {
        dataFiles++;
        bytes += task.file().fileSizeInBytes();
        task.deletes()
            .forEach(
                delete ->
                    deletes.put(
                        delete.location() + delete.contentOffset(),
                        ScanTaskUtil.contentSizeInBytes(delete)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new TableScan(
        seconds,
        dataFiles,
        deletes.size(),
        bytes + deletes.values().stream().mapToLong(Long::longValue).sum());
  }
}

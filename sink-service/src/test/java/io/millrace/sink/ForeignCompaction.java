package io.millrace.sink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.util.DataFileSet;
import org.apache.iceberg.util.DeleteFileSet;

/** Compacts a table by Iceberg's own API, as another engine would. */
final class ForeignCompaction {
  private ForeignCompaction() {}

  /**
   * Puts the rows that the table has now into one file for each partition value of the table's
   * partitioning, the last of them first.
   */
  static void run(Table table) {
    Snapshot start = table.currentSnapshot();
    DataFileSet old = DataFileSet.create();
    DeleteFileSet deletes = DeleteFileSet.create();
    try (CloseableIterable<FileScanTask> files = table.newScan().planFiles()) {
      for (FileScanTask file : files) {
        old.add(file.file().copy());
        file.deletes().forEach(delete -> deletes.add(delete.copy()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    RewriteFiles rewrite = table.newRewrite().validateFromSnapshot(start.snapshotId());
    old.forEach(rewrite::deleteFile);
    deletes.forEach(rewrite::deleteFile);
    rows(table).forEach((partition, rows) -> rewrite.addFile(rewritten(table, partition, rows)));
    rewrite.commit();
  }

  private static Map<PartitionKey, ArrayDeque<Record>> rows(Table table) {
    PartitionKey partition = new PartitionKey(table.spec(), table.schema());
    InternalRecordWrapper view = new InternalRecordWrapper(table.schema().asStruct());
    Map<PartitionKey, ArrayDeque<Record>> rows = new HashMap<>();
    try (CloseableIterable<Record> all = IcebergGenerics.read(table).build()) {
      for (Record row : all) {
        partition.partition(view.wrap(row));
        rows.computeIfAbsent(partition.copy(), any -> new ArrayDeque<>()).push(row.copy());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  private static DataFile rewritten(Table table, PartitionKey partition, Iterable<Record> rows) {
    OutputFile file =
        table
            .io()
            .newOutputFile(
                table.locationProvider().newDataLocation(UUID.randomUUID() + ".parquet"));
    try {
      DataWriter<Record> writer =
          Parquet.writeData(file)
              .forTable(table)
              .withSpec(table.spec())
              .withPartition(table.spec().isUnpartitioned() ? null : partition)
              .createWriterFunc(GenericParquetWriter::create)
              .build();
      try (writer) {
        rows.forEach(writer::write);
      }
      return writer.toDataFile();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

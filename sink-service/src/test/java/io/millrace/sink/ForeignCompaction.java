package io.millrace.sink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.util.DataFileSet;
import org.apache.iceberg.util.DeleteFileSet;

/** Compacts a table that is not partitioned, by Iceberg's own API, as another engine would. */
final class ForeignCompaction {
  private ForeignCompaction() {}

  /** Puts the rows that the table has now into one file, the last of them first. */
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
    rewrite.addFile(rewritten(table)).commit();
  }

  private static DataFile rewritten(Table table) {
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
              .createWriterFunc(GenericParquetWriter::create)
              .build();
      try (writer;
          CloseableIterable<Record> rows = IcebergGenerics.read(table).build()) {
        ArrayDeque<Record> turned = new ArrayDeque<>();
        rows.forEach(row -> turned.push(row.copy()));
        turned.forEach(writer::write);
      }
      return writer.toDataFile();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package io.millrace.benchmarks.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.UUID;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.Parquet;

/** Puts all rows of a table that is not partitioned into one data file. */
final class Compaction {
  private Compaction() {}

  static void run(Table table) {
    String location = table.locationProvider().newDataLocation(UUID.randomUUID() + ".parquet");
    OutputFile file = table.io().newOutputFile(location);
    try {
      DataWriter<Record> writer =
          Parquet.writeData(file)
              .forTable(table)
              .withSpec(table.spec())
              .createWriterFunc(GenericParquetWriter::create)
              .build();
      try (writer;
          CloseableIterable<Record> rows = IcebergGenerics.read(table).build()) {
        rows.forEach(writer::write);
      }
      table
          .newOverwrite()
          .overwriteByRowFilter(Expressions.alwaysTrue())
          .addFile(writer.toDataFile())
          .commit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

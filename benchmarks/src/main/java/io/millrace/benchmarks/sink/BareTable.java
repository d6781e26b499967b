package io.millrace.benchmarks.sink;

import io.millrace.schemas.Row;
import java.io.IOException;
import java.util.UUID;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.parquet.InternalWriter;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.parquet.Parquet;
import org.jspecify.annotations.Nullable;

/** Appends rows to one table. All rows of an open file must have one partition value. */
final class BareTable {
  private final Table table;
  private final BareRow row;
  private final OutputFileFactory files;
  private @Nullable DataWriter<StructLike> open;

  BareTable(Table table, org.apache.avro.Schema image, int partition) {
    this.table = table;
    this.row = new BareRow(image, table.schema().columns());
    this.files =
        OutputFileFactory.builderFor(table, partition, 0)
            .format(FileFormat.PARQUET)
            .operationId(UUID.randomUUID().toString())
            .build();
  }

  void write(Row event) throws IOException {
    row.set(event);
    if (open == null) {
      open = open();
    }
    open.write(row);
  }

  private DataWriter<StructLike> open() throws IOException {
    PartitionKey partition = new PartitionKey(table.spec(), table.schema());
    partition.partition(row);
    boolean partitioned = table.spec().isPartitioned();
    EncryptedOutputFile file =
        partitioned ? files.newOutputFile(table.spec(), partition) : files.newOutputFile();
    return Parquet.writeData(file)
        .forTable(table)
        .withSpec(table.spec())
        .withPartition(partitioned ? partition : null)
        .createWriterFunc(InternalWriter::createWriter)
        .build();
  }

  /** Closes the open file and appends it. */
  void commit() throws IOException {
    if (open != null) {
      open.close();
      table.newAppend().appendFile(open.toDataFile()).commit();
      open = null;
    }
  }
}

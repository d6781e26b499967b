package io.millrace.sink.writer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.UUID;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.parquet.InternalWriter;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.parquet.Parquet;
import org.jspecify.annotations.Nullable;

/** Opens files of one table, in its current schema and partitioning, under names never used yet. */
final class ParquetFiles {
  private final Table table;
  private final OutputFileFactory names;

  /**
   * Files.
   *
   * @param sourcePartition stands in their names
   */
  ParquetFiles(Table table, int sourcePartition) {
    this.table = table;
    this.names =
        OutputFileFactory.builderFor(table, sourcePartition, 0)
            .format(FileFormat.PARQUET)
            .operationId(UUID.randomUUID().toString())
            .build();
  }

  PartitionSpec spec() {
    return table.spec();
  }

  /**
   * A data file.
   *
   * @param partition partition value; null when the table is not partitioned
   */
  DataWriter<StructLike> data(@Nullable StructLike partition) {
    try {
      return Parquet.writeData(file(partition))
          .forTable(table)
          .withSpec(table.spec())
          .withPartition(partition)
          .createWriterFunc(InternalWriter::createWriter)
          .build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * An equality-delete file.
   *
   * @param key the key columns
   * @param partition partition value; null when the table is not partitioned
   */
  EqualityDeleteWriter<StructLike> deletes(Schema key, @Nullable StructLike partition) {
    int[] ids = key.columns().stream().mapToInt(field -> field.fieldId()).toArray();
    try {
      return Parquet.writeDeletes(file(partition))
          .forTable(table)
          .rowSchema(key)
          .withSpec(table.spec())
          .withPartition(partition)
          .equalityFieldIds(ids)
          .createWriterFunc(InternalWriter::createWriter)
          .buildEqualityWriter();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private EncryptedOutputFile file(@Nullable StructLike partition) {
    return partition == null ? names.newOutputFile() : names.newOutputFile(table.spec(), partition);
  }
}

package io.millrace.sink.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.parquet.InternalWriter;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;

/** Opens files of one table, in its current schema, under names never used yet. */
public final class ParquetFiles {
  private final Table table;
  private final OutputFileFactory names;
  private final OutputFileFactory vectors;

  /**
   * Files.
   *
   * @param sourcePartition stands in their names
   */
  public ParquetFiles(Table table, int sourcePartition) {
    this.table = table;
    this.names = names(table, sourcePartition, FileFormat.PARQUET);
    this.vectors = names(table, sourcePartition, FileFormat.PUFFIN);
  }

  private static OutputFileFactory names(Table table, int sourcePartition, FileFormat format) {
    return OutputFileFactory.builderFor(table, sourcePartition, 0)
        .format(format)
        .operationId(UUID.randomUUID().toString())
        .build();
  }

  /**
   * Settings for the UUID columns, which may have no bounds: Parquet orders UUIDs by their bytes,
   * Iceberg's readers as Java does, by sign (apache/iceberg#14216), so they would skip files that
   * have the row, and equality deletes that delete it.
   */
  private static Map<String, String> forUuids(Schema schema, String prefix, String value) {
    return schema.columns().stream()
        .filter(column -> column.type().typeId() == Type.TypeID.UUID)
        .collect(Collectors.toMap(column -> prefix + column.name(), column -> value));
  }

  /**
   * A data file.
   *
   * @param spec the partitioning that it is in
   * @param partition partition value, which counts for nothing if there are no partitions
   * @param order that its rows will be in
   */
  public DataWriter<StructLike> data(PartitionSpec spec, StructLike partition, SortOrder order) {
    StructLike value = value(spec, partition);
    try {
      return Parquet.writeData(file(spec, value))
          .forTable(table)
          .setAll(
              forUuids(
                  table.schema(), TableProperties.PARQUET_COLUMN_STATS_ENABLED_PREFIX, "false"))
          .withSpec(spec)
          .withPartition(value)
          .withSortOrder(order)
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
   * @param spec the partitioning whose files it reaches; all files, if it has no partitions
   * @param partition partition value, which counts for nothing if there are no partitions
   */
  public EqualityDeleteWriter<StructLike> deletes(
      Schema key, PartitionSpec spec, StructLike partition) {
    StructLike value = value(spec, partition);
    int[] ids = key.columns().stream().mapToInt(field -> field.fieldId()).toArray();
    try {
      return Parquet.writeDeletes(file(spec, value))
          .forTable(table)
          // Delete files do not know the setting of data files.
          .metricsConfig(
              MetricsConfig.from(
                  forUuids(key, TableProperties.METRICS_MODE_COLUMN_CONF_PREFIX, "counts"),
                  key,
                  SortOrder.unsorted()))
          .rowSchema(key)
          .withSpec(spec)
          .withPartition(value)
          .equalityFieldIds(ids)
          .createWriterFunc(InternalWriter::createWriter)
          .buildEqualityWriter();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names of files of deletion vectors. */
  public OutputFileFactory vectors() {
    return vectors;
  }

  private static @Nullable StructLike value(PartitionSpec spec, StructLike partition) {
    return spec.isUnpartitioned() ? null : partition;
  }

  private EncryptedOutputFile file(PartitionSpec spec, @Nullable StructLike partition) {
    return partition == null ? names.newOutputFile() : names.newOutputFile(spec, partition);
  }
}

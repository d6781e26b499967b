package io.millrace.sink.writer;

import io.millrace.schemas.Row;
import io.millrace.sink.lake.ParquetFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.DataWriter;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/** The files of one epoch of a keyed table: rows that come, and what says which rows go. */
abstract sealed class UpsertFiles permits EqualityUpserts, VectoredUpserts {
  private final Target target;
  private final Table table;
  private final ParquetFiles files;
  private final List<WrittenFile> finished;
  private final LakeRow view = new LakeRow();

  /**
   * Files of a table.
   *
   * @param finished gets each file that is finished
   */
  UpsertFiles(Target target, int sourcePartition, List<WrittenFile> finished) {
    this.target = target;
    this.table = target.table();
    this.files = new ParquetFiles(table, sourcePartition);
    this.finished = finished;
  }

  /** A key and its last change. */
  record Entry(Bytes key, LastChange last) {}

  /**
   * What is gone with an epoch.
   *
   * @param files data files of earlier epochs that have no rows left, as JSON
   * @param deletes keys or rows that were deleted
   */
  record Gone(List<String> files, long deletes) {
    static final Gone NOTHING = new Gone(List.of(), 0);
  }

  /** Writes what has become of keys. */
  abstract Gone write(Map<Bytes, LastChange> changes);

  final Target target() {
    return target;
  }

  final Table table() {
    return table;
  }

  /** The partitioning that a file was written in. */
  final PartitionSpec specOf(DataFile file) {
    return Objects.requireNonNull(table.specs().get(file.specId()));
  }

  final ParquetFiles files() {
    return files;
  }

  final LakeRow view() {
    return view;
  }

  final void finished(WrittenFile file) {
    finished.add(file);
  }

  /** The partition value is a function of the key: see TableShape. */
  final Map<PartitionKey, List<Entry>> byPartition(List<Entry> entries) {
    PartitionKey partition = new PartitionKey(table.spec(), table.schema());
    if (table.spec().isUnpartitioned()) {
      return Map.of(partition, entries);
    }
    Map<PartitionKey, List<Entry>> groups = new LinkedHashMap<>();
    Map<Schema, RowMapping> mappings = new HashMap<>();
    for (Entry entry : entries) {
      Row key = entry.last().key();
      RowMapping mapping =
          mappings.computeIfAbsent(
              key.getSchema(), schema -> RowMapping.of(schema, table.schema().columns()));
      partition.partition(view.set(mapping, key.values(), "", 0, ""));
      List<Entry> group = groups.get(partition);
      if (group == null) {
        group = new ArrayList<>();
        groups.put(partition.copy(), group);
      }
      group.add(entry);
    }
    return groups;
  }

  /** The partition value for Iceberg; null when the table is not partitioned. */
  final @Nullable StructLike value(PartitionKey partition) {
    return table.spec().isUnpartitioned() ? null : partition;
  }

  /** One data file of the rows that keys now hold, in this order. */
  final DataFile writeRows(@Nullable StructLike partition, List<Entry> kept) {
    DataWriter<StructLike> writer = files.data(partition);
    try (writer) {
      for (Entry entry : kept) {
        Change change = entry.last().change();
        Row row = Objects.requireNonNull(change.row());
        writer.write(
            view.set(
                target.mapping(row.getSchema()),
                row.values(),
                change.op().text(),
                change.sourceTs(),
                change.sourcePos()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    DataFile file = writer.toDataFile();
    finished(WrittenFile.of(file, table));
    return file;
  }
}

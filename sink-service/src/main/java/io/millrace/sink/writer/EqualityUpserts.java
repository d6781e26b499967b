package io.millrace.sink.writer;

import io.millrace.schemas.Row;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.StructLikeMap;
import org.apache.kafka.common.utils.Bytes;

/**
 * Format 2: for each partition value one file of rows, and files of deleted keys, which apply to
 * what the table held before the epoch.
 */
final class EqualityUpserts extends UpsertFiles {
  EqualityUpserts(Target target, int sourcePartition, List<WrittenFile> finished) {
    super(target, sourcePartition, finished);
  }

  @Override
  Gone write(Map<Bytes, LastChange> changes) {
    List<Entry> deleted = new ArrayList<>();
    List<Entry> kept = new ArrayList<>();
    changes.forEach(
        (key, last) -> {
          Entry entry = new Entry(key, last);
          if (mayExist(last)) {
            deleted.add(entry);
          }
          if (!last.change().isDelete()) {
            kept.add(entry);
          }
        });
    if (!deleted.isEmpty()) {
      writeDeletes(deleted);
    }
    writeRows(kept);
    return new Gone(List.of(), deleted.size());
  }

  /** Whether the table may hold a row of the key from before the epoch. */
  private static boolean mayExist(LastChange last) {
    return !last.isFirst() && !last.isCreated();
  }

  private void writeDeletes(List<Entry> deleted) {
    org.apache.iceberg.Schema key = target().keySchema(deleted.getFirst().last().key().getSchema());
    PartitionSpec spec = target().deletesByKey(key);
    PartitionKey partition = new PartitionKey(spec, table().schema());
    Map<StructLike, List<Row>> groups = StructLikeMap.create(spec.partitionType());
    KeyView view = new KeyView(table().schema().columns());
    for (Entry entry : deleted) {
      Row row = entry.last().key();
      partition.partition(view.of(row));
      List<Row> group = groups.get(partition);
      if (group == null) {
        group = new ArrayList<>();
        groups.put(partition.copy(), group);
      }
      group.add(row);
    }
    groups.forEach((value, keys) -> writeDeletes(key, spec, value, keys));
  }

  private void writeDeletes(
      org.apache.iceberg.Schema key, PartitionSpec spec, StructLike partition, List<Row> keys) {
    EqualityDeleteWriter<StructLike> writer = files().deletes(key, spec, partition);
    KeyView view = new KeyView(key.columns());
    try (writer) {
      keys.forEach(row -> writer.write(view.of(row)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    finished(WrittenFile.of(writer.toDeleteFile(), table()));
  }

  /** Shows keys as rows of some columns, one after the other. */
  private static final class KeyView {
    private final List<Types.NestedField> columns;
    private final Map<Schema, RowMapping> mappings = new HashMap<>();
    private final LakeRow view = new LakeRow();

    KeyView(List<Types.NestedField> columns) {
      this.columns = columns;
    }

    LakeRow of(Row key) {
      RowMapping mapping =
          mappings.computeIfAbsent(key.getSchema(), schema -> RowMapping.of(schema, columns));
      return view.set(mapping, key.values(), "", 0, "");
    }
  }
}

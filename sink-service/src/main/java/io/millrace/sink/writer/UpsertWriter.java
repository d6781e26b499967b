package io.millrace.sink.writer;

import io.millrace.schemas.Row;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.io.DataWriter;
import org.jspecify.annotations.Nullable;

/**
 * Writes a table keyed by the records' key. Keeps the last row of each key until the epoch ends,
 * then writes, for each partition value, one file of deleted keys and one of rows. The deletes
 * apply to what the table held before the epoch, so an epoch never holds two rows of a key.
 */
final class UpsertWriter implements TableWriter {
  /** What a buffered row costs beside its values: entry, key, row, arrays, boxes. */
  private static final int ROW_OVERHEAD = 300;

  /** A value as an object takes about this many times its encoded bytes. */
  private static final int OBJECT_FACTOR = 4;

  private final Target target;
  private final int sourcePartition;
  private final Map<RowKey, Latest> rows = new HashMap<>();
  private final LakeRow view = new LakeRow();
  private final KeyCheck keys = new KeyCheck();
  private final Map<Schema, RowMapping> keyMappings = new HashMap<>();
  private final List<WrittenFile> finished = new ArrayList<>();
  private long buffered;

  UpsertWriter(Target target, int sourcePartition) {
    this.target = target;
    this.sourcePartition = sourcePartition;
  }

  /**
   * The state of a key at the end of the epoch, so far.
   *
   * @param mayExist the table may hold a row of the key from before the epoch
   * @param change the last change; its row is what the key now holds unless it is a delete
   */
  private record Latest(boolean mayExist, Change change) {}

  @Override
  public String table() {
    return target.name().identifier();
  }

  @Override
  public void check(Change change) {
    Row key = Objects.requireNonNull(change.key());
    keys.check(key);
    if (change.valueSchema() != null) {
      target.fit(key.getSchema(), change.valueSchema());
    }
    Row row = change.row();
    if (row != null && !change.isDelete()) {
      keys.checkSame(key, row);
      target.mapping(row.getSchema()).check(row.values());
    }
  }

  @Override
  public void write(Change change, boolean isNewKey) {
    RowKey identity = new RowKey(Objects.requireNonNull(change.key()));
    Latest before = rows.get(identity);
    rows.put(identity, new Latest(before == null ? !isNewKey : before.mayExist(), change));
    if (before == null) {
      buffered += ROW_OVERHEAD + (long) OBJECT_FACTOR * change.size();
    }
  }

  @Override
  public long buffered() {
    return buffered;
  }

  @Override
  public List<WrittenFile> finish() {
    List<Latest> relevant =
        rows.values().stream()
            .filter(latest -> latest.mayExist() || !latest.change().isDelete())
            .toList();
    if (!relevant.isEmpty()) {
      write(relevant);
    }
    rows.clear();
    buffered = 0;
    List<WrittenFile> epoch = List.copyOf(finished);
    finished.clear();
    return epoch;
  }

  private void write(List<Latest> latest) {
    Table table = target.table();
    ParquetFiles files = new ParquetFiles(table, sourcePartition);
    keyMappings.clear();
    for (Map.Entry<PartitionKey, List<Latest>> group : byPartition(table, latest).entrySet()) {
      StructLike partition = table.spec().isUnpartitioned() ? null : group.getKey();
      writeDeletes(table, files, partition, group.getValue());
      writeRows(table, files, partition, group.getValue());
    }
  }

  /** The partition value is a function of the key: see TableShape. */
  private Map<PartitionKey, List<Latest>> byPartition(Table table, List<Latest> latest) {
    PartitionKey partition = new PartitionKey(table.spec(), table.schema());
    if (table.spec().isUnpartitioned()) {
      return Map.of(partition, latest);
    }
    Map<PartitionKey, List<Latest>> groups = new LinkedHashMap<>();
    Map<Schema, RowMapping> mappings = new HashMap<>();
    for (Latest one : latest) {
      Row key = key(one);
      RowMapping mapping =
          mappings.computeIfAbsent(
              key.getSchema(), schema -> RowMapping.of(schema, table.schema().columns()));
      partition.partition(view.set(mapping, key.values(), "", 0, ""));
      List<Latest> group = groups.get(partition);
      if (group == null) {
        group = new ArrayList<>();
        groups.put(partition.copy(), group);
      }
      group.add(one);
    }
    return groups;
  }

  private void writeDeletes(
      Table table, ParquetFiles files, @Nullable StructLike partition, List<Latest> group) {
    List<Latest> deleted = group.stream().filter(Latest::mayExist).toList();
    if (deleted.isEmpty()) {
      return;
    }
    org.apache.iceberg.Schema keySchema = target.keySchema(key(deleted.getFirst()).getSchema());
    EqualityDeleteWriter<StructLike> writer = files.deletes(keySchema, partition);
    try (writer) {
      for (Latest one : deleted) {
        Row key = key(one);
        RowMapping mapping =
            keyMappings.computeIfAbsent(
                key.getSchema(), schema -> RowMapping.of(schema, keySchema.columns()));
        writer.write(view.set(mapping, key.values(), "", 0, ""));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    finished.add(WrittenFile.of(writer.toDeleteFile(), table));
  }

  private void writeRows(
      Table table, ParquetFiles files, @Nullable StructLike partition, List<Latest> group) {
    List<Change> kept =
        group.stream().map(Latest::change).filter(change -> !change.isDelete()).toList();
    if (kept.isEmpty()) {
      return;
    }
    DataWriter<StructLike> writer = files.data(partition);
    try (writer) {
      for (Change change : kept) {
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
    finished.add(WrittenFile.of(writer.toDataFile(), table));
  }

  private static Row key(Latest latest) {
    return Objects.requireNonNull(latest.change().key());
  }

  @Override
  public void abandon() {
    rows.clear();
    buffered = 0;
    finished.forEach(file -> target.table().io().deleteFile(file.location()));
    finished.clear();
  }
}

package io.millrace.sink.writer;

import io.millrace.schemas.Row;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Format 2: for each partition value one file of deleted keys and one of rows. The deletes apply to
 * what the table held before the epoch.
 */
final class EqualityUpserts extends UpsertFiles {
  private final Map<Schema, RowMapping> keyMappings = new HashMap<>();

  EqualityUpserts(Target target, int sourcePartition, List<WrittenFile> finished) {
    super(target, sourcePartition, finished);
  }

  @Override
  Gone write(Map<Bytes, LastChange> changes) {
    List<Entry> relevant =
        changes.entrySet().stream()
            .map(change -> new Entry(change.getKey(), change.getValue()))
            .filter(entry -> mayExist(entry.last()) || !entry.last().change().isDelete())
            .toList();
    if (relevant.isEmpty()) {
      return Gone.NOTHING;
    }
    byPartition(relevant)
        .forEach(
            (partition, group) -> {
              writeDeletes(value(partition), group);
              List<Entry> kept =
                  group.stream().filter(entry -> !entry.last().change().isDelete()).toList();
              if (!kept.isEmpty()) {
                writeRows(value(partition), kept);
              }
            });
    return new Gone(List.of(), relevant.stream().filter(entry -> mayExist(entry.last())).count());
  }

  /** Whether the table may hold a row of the key from before the epoch. */
  private static boolean mayExist(LastChange last) {
    return !last.isFirst() && !last.isCreated();
  }

  private void writeDeletes(@Nullable StructLike partition, List<Entry> group) {
    List<Entry> deleted = group.stream().filter(entry -> mayExist(entry.last())).toList();
    if (deleted.isEmpty()) {
      return;
    }
    org.apache.iceberg.Schema keySchema =
        target().keySchema(deleted.getFirst().last().key().getSchema());
    EqualityDeleteWriter<StructLike> writer = files().deletes(keySchema, partition);
    try (writer) {
      for (Entry entry : deleted) {
        Row key = entry.last().key();
        RowMapping mapping =
            keyMappings.computeIfAbsent(
                key.getSchema(), schema -> RowMapping.of(schema, keySchema.columns()));
        writer.write(view().set(mapping, key.values(), "", 0, ""));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    finished(WrittenFile.of(writer.toDeleteFile(), table()));
  }
}

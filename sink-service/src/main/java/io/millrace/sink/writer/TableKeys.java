package io.millrace.sink.writer;

import io.millrace.runtime.serde.RowSerde;
import io.millrace.schemas.Row;
import io.millrace.sink.commit.Bitmaps;
import io.millrace.sink.commit.ProtocolViolationException;
import io.millrace.sink.lake.DataFileRows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.ContentFileUtil;
import org.apache.iceberg.util.StructProjection;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/** The keys in a table's files, as the records of the topic have them. */
final class TableKeys {
  private final Table table;
  private final Schema schema;
  private final RowSerde serde;
  private final List<Types.NestedField> columns;
  private final StructProjection keyOf;
  private final Bitmaps bitmaps;
  private final Map<String, Set<Bytes>> deletedKeys = new HashMap<>();

  /**
   * Keys of a table.
   *
   * @param schema of the topic's keys
   * @param serde of the topic's keys
   */
  TableKeys(Table table, Schema schema, RowSerde serde) {
    this.table = table;
    this.schema = schema;
    this.serde = serde;
    this.columns =
        schema.getFields().stream()
            .map(field -> Objects.requireNonNull(table.schema().findField(field.name())))
            .toList();
    this.keyOf = StructProjection.create(table.schema(), new org.apache.iceberg.Schema(columns));
    this.bitmaps = new Bitmaps(table.io());
  }

  /** The key of a row that has all of the table's columns. */
  byte[] of(StructLike row) {
    return encode(keyOf.wrap(row));
  }

  /** What deletes rows of a data file. */
  record Deleted(List<PositionDeleteIndex> vectors, List<Set<Bytes>> keys) {
    boolean isDeleted(long position, byte[] key) {
      return vectors.stream().anyMatch(vector -> vector.isDeleted(position))
          || (!keys.isEmpty() && keys.stream().anyMatch(some -> some.contains(Bytes.wrap(key))));
    }
  }

  /** The key of each row of a file, in their order. */
  CloseableIterable<byte[]> in(String location) {
    return CloseableIterable.transform(
        DataFileRows.read(table.io(), location, new org.apache.iceberg.Schema(columns)),
        this::encode);
  }

  /**
   * Reads deletes.
   *
   * @param files the delete files that apply to a data file
   * @throws ProtocolViolationException when some delete by other columns than the key's
   */
  Deleted deleted(List<DeleteFile> files) {
    List<PositionDeleteIndex> vectors = new ArrayList<>();
    List<Set<Bytes>> keys = new ArrayList<>();
    for (DeleteFile file : files) {
      if (ContentFileUtil.isDV(file)) {
        vectors.add(bitmaps.of(file));
      } else {
        keys.add(deletedKeys.computeIfAbsent(file.location(), any -> read(file)));
      }
    }
    return new Deleted(vectors, keys);
  }

  private Set<Bytes> read(DeleteFile file) {
    Set<Integer> ids = new HashSet<>();
    columns.forEach(column -> ids.add(column.fieldId()));
    List<Integer> equal = file.equalityFieldIds();
    if (equal == null || !ids.equals(Set.copyOf(equal))) {
      throw new ProtocolViolationException(
          "another writer left deletes in lake table %s that are not by key, such as %s: compact it"
              .formatted(table.name(), file.location()));
    }
    Set<Bytes> keys = new HashSet<>();
    try (CloseableIterable<byte[]> rows = in(file.location())) {
      rows.forEach(key -> keys.add(Bytes.wrap(key)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return keys;
  }

  private byte[] encode(StructLike row) {
    Row key = new Row(schema);
    for (int i = 0; i < columns.size(); i++) {
      key.put(i, value(row.get(i, Object.class), schema.getFields().get(i).schema()));
    }
    return serde.serializer().serialize("", key);
  }

  /** The table may have widened what the key's schema still calls an int. */
  private static @Nullable Object value(@Nullable Object value, Schema type) {
    return value instanceof Long wide && isInt(type) ? Integer.valueOf(wide.intValue()) : value;
  }

  private static boolean isInt(Schema type) {
    return type.getType() == Schema.Type.INT
        || (type.isUnion() && type.getTypes().stream().anyMatch(TableKeys::isInt));
  }
}

package io.millrace.sink.writer;

import io.millrace.schemas.Row;
import io.millrace.sink.lake.LakeTypes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.iceberg.types.Types;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * Checks the keys of an upserted table's records: its rows are deleted by the columns of the key,
 * so these must be values of the lake, and the row's own. Belongs to one thread.
 */
final class KeyCheck {
  private @Nullable Schema keySchema;
  private @Nullable Schema rowSchema;
  private @Nullable RowMapping mapping;
  private int[] positions = {};

  /**
   * Checks a key.
   *
   * @throws SerializationException when it has no form in the lake
   */
  void check(Row key) {
    mapping(key.getSchema()).check(key.values());
  }

  /**
   * Checks that a row has its record's key.
   *
   * @throws SerializationException when it has not
   */
  void checkSame(Row key, Row row) {
    int[] at = positions(key.getSchema(), row.getSchema());
    for (int i = 0; i < at.length; i++) {
      if (at[i] < 0 || !isSame(key.get(i), row.get(at[i]))) {
        throw new SerializationException("the record's key is not its row's");
      }
    }
  }

  /** Also when one was decoded with an int and the other, after the column was widened, a long. */
  private static boolean isSame(@Nullable Object value, @Nullable Object other) {
    return Objects.equals(wide(value), wide(other));
  }

  private static @Nullable Object wide(@Nullable Object value) {
    return value instanceof Integer narrow ? Long.valueOf(narrow) : value;
  }

  // The decoder gives all records of a schema the same object.
  @SuppressWarnings("ReferenceEquality")
  private RowMapping mapping(Schema key) {
    RowMapping known = mapping;
    if (known == null || key != keySchema) {
      List<Types.NestedField> columns = new ArrayList<>();
      for (Schema.Field field : key.getFields()) {
        columns.add(
            Types.NestedField.optional(
                field.pos() + 1, field.name(), LakeTypes.of(field.schema())));
      }
      known = RowMapping.of(key, columns);
      mapping = known;
      keySchema = key;
      rowSchema = null;
    }
    return known;
  }

  @SuppressWarnings("ReferenceEquality")
  private int[] positions(Schema key, Schema row) {
    if (row != rowSchema) {
      positions =
          key.getFields().stream()
              .map(field -> row.getField(field.name()))
              .mapToInt(field -> field == null ? -1 : field.pos())
              .toArray();
      rowSchema = row;
    }
    return positions;
  }
}

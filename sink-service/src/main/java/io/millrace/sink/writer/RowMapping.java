package io.millrace.sink.writer;

import io.millrace.schemas.SourceMetadata;
import io.millrace.sink.lake.TableShape;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * How the columns of a lake table, or of its key, are filled from rows of one Avro schema: compiled
 * once, then array reads. Immutable.
 */
final class RowMapping {
  private static final int ABSENT = -1;
  private static final int OP = -2;
  private static final int SOURCE_TS = -3;
  private static final int SOURCE_POS = -4;

  private final int[] origins;
  private final Conversion[] conversions;
  private final int[] checked;

  private enum Conversion {
    NONE,
    UUID,
    LONG
  }

  private RowMapping(int[] origins, Conversion[] conversions, int[] checked) {
    this.origins = origins;
    this.conversions = conversions;
    this.checked = checked;
  }

  /**
   * A mapping.
   *
   * @param row schema of the rows
   * @param columns the columns, found in {@code row} by name
   */
  static RowMapping of(Schema row, List<Types.NestedField> columns) {
    int[] origins = new int[columns.size()];
    Conversion[] conversions = new Conversion[columns.size()];
    for (int i = 0; i < origins.length; i++) {
      Types.NestedField column = columns.get(i);
      Schema.Field field = row.getField(column.name());
      origins[i] = field != null ? field.pos() : metadata(column.name());
      conversions[i] = conversion(column.type());
    }
    int[] checked =
        IntStream.range(0, origins.length)
            .filter(i -> conversions[i] == Conversion.UUID && origins[i] >= 0)
            .map(i -> origins[i])
            .toArray();
    return new RowMapping(origins, conversions, checked);
  }

  private static int metadata(String column) {
    return switch (column) {
      case TableShape.OP -> OP;
      case SourceMetadata.SOURCE_TS -> SOURCE_TS;
      case SourceMetadata.SOURCE_POS -> SOURCE_POS;
      default -> ABSENT;
    };
  }

  private static Conversion conversion(Type type) {
    return switch (type.typeId()) {
      case UUID -> Conversion.UUID;
      // A column that was widened also takes rows of the time when it was narrow.
      case LONG -> Conversion.LONG;
      default -> Conversion.NONE;
    };
  }

  int size() {
    return origins.length;
  }

  /**
   * Checks what the Avro type does not guarantee, before anything of the row is written.
   *
   * @throws SerializationException when a value is not what its column holds
   */
  void check(@Nullable Object[] values) {
    for (int origin : checked) {
      if (values[origin] instanceof CharSequence text) {
        uuid(text);
      }
    }
  }

  @Nullable Object value(int column, LakeRow row) {
    int origin = origins[column];
    Object value =
        origin >= 0
            ? row.values()[origin]
            : switch (origin) {
              case OP -> row.op();
              case SOURCE_TS -> row.sourceTs();
              case SOURCE_POS -> row.sourcePos();
              default -> null;
            };
    return switch (conversions[column]) {
      case NONE -> value;
      case UUID -> value instanceof CharSequence text ? uuid(text) : value;
      case LONG -> value instanceof Integer narrow ? Long.valueOf(narrow) : value;
    };
  }

  private static UUID uuid(CharSequence text) {
    try {
      return UUID.fromString(text.toString());
    } catch (IllegalArgumentException e) {
      throw new SerializationException("a value of a uuid column is not a UUID", e);
    }
  }
}

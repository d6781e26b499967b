package io.millrace.sink.writer;

import io.millrace.schemas.SourceMetadata;
import io.millrace.sink.lake.TableShape;
import java.math.BigDecimal;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
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
  private final List<Check> checks;

  private enum Conversion {
    NONE,
    UUID,
    LONG
  }

  private RowMapping(int[] origins, Conversion[] conversions, List<Check> checks) {
    this.origins = origins;
    this.conversions = conversions;
    this.checks = checks;
  }

  /** A column whose Avro type lets more through than it holds. */
  private record Check(int origin, Types.NestedField column) {
    static boolean isNeeded(Types.NestedField column) {
      return column.type() instanceof Types.UUIDType || column.type() instanceof Types.DecimalType;
    }

    void of(@Nullable Object[] values) {
      Object value = values[origin];
      if (column.type() instanceof Types.DecimalType type) {
        if (value instanceof BigDecimal number
            && (number.precision() > type.precision() || number.scale() != type.scale())) {
          throw new UnfitValueException(
              column.name(),
              "is %s, and the value has %d digits, %d of them behind the point"
                  .formatted(type, number.precision(), number.scale()));
        }
      } else if (value instanceof CharSequence text && !isUuid(text)) {
        throw new UnfitValueException(column.name(), "is a uuid, and the value is not");
      }
    }

    private static boolean isUuid(CharSequence text) {
      try {
        uuid(text);
        return true;
      } catch (IllegalArgumentException e) {
        return false;
      }
    }
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
    List<Check> checks =
        IntStream.range(0, origins.length)
            .filter(i -> origins[i] >= 0 && Check.isNeeded(columns.get(i)))
            .mapToObj(i -> new Check(origins[i], columns.get(i)))
            .toList();
    return new RowMapping(origins, conversions, checks);
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
   * @throws UnfitValueException when a value is not what its column holds
   */
  void check(@Nullable Object[] values) {
    for (Check check : checks) {
      check.of(values);
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
    return UUID.fromString(text.toString());
  }
}

package io.millrace.runtime.serde;

import io.millrace.schemas.Row;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.Encoder;
import org.jspecify.annotations.Nullable;

/** Writes rows of one schema, its fields' writers chosen once. Thread-safe. */
final class RowWriter {
  private final Schema schema;
  private final Field[] fields;

  RowWriter(Schema schema) {
    this.schema = schema;
    this.fields =
        schema.getFields().stream()
            .map(field -> new Field(field.name(), value(field.schema())))
            .toArray(Field[]::new);
  }

  private record Field(String name, Value value) {}

  @FunctionalInterface
  private interface Value {
    void write(@Nullable Object value, Encoder encoder) throws IOException;
  }

  /**
   * Writes a row.
   *
   * @throws IllegalArgumentException when a value is not of its field's type
   */
  void write(Row row, Encoder encoder) throws IOException {
    @Nullable Object[] values = row.values();
    if (values.length != fields.length) {
      throw new IllegalArgumentException(
          "a row of %s has %d values, not %d"
              .formatted(schema.getFullName(), fields.length, values.length));
    }
    for (int i = 0; i < fields.length; i++) {
      try {
        fields[i].value.write(values[i], encoder);
      } catch (NullPointerException | ClassCastException | ArithmeticException e) {
        throw mismatch(i, values[i], e);
      }
    }
  }

  private IllegalArgumentException mismatch(int i, @Nullable Object value, RuntimeException cause) {
    String what =
        switch (cause) {
          case ArithmeticException arithmetic -> String.valueOf(arithmetic.getMessage());
          default -> "a value of " + (value == null ? "null" : value.getClass().getName());
        };
    return new IllegalArgumentException(
        "field %s of %s is %s: %s does not fit"
            .formatted(
                fields[i].name, schema.getFullName(), schema.getFields().get(i).schema(), what),
        cause);
  }

  private static Value value(Schema schema) {
    return switch (schema.getType()) {
      case INT -> (value, encoder) -> encoder.writeInt((Integer) present(value));
      case LONG -> (value, encoder) -> encoder.writeLong((Long) present(value));
      case FLOAT -> (value, encoder) -> encoder.writeFloat((Float) present(value));
      case DOUBLE -> (value, encoder) -> encoder.writeDouble((Double) present(value));
      case BOOLEAN -> (value, encoder) -> encoder.writeBoolean((Boolean) present(value));
      case STRING -> (value, encoder) -> encoder.writeString(present(value).toString());
      case BYTES -> bytes(schema);
      case RECORD -> record(schema);
      case UNION -> union(schema);
      default -> any(schema);
    };
  }

  private static Object present(@Nullable Object value) {
    if (value == null) {
      throw new NullPointerException();
    }
    return value;
  }

  private static Value bytes(Schema schema) {
    if (schema.getLogicalType() instanceof LogicalTypes.Decimal decimal) {
      return (value, encoder) ->
          encoder.writeBytes(Decimals.bytes((BigDecimal) present(value), decimal));
    }
    return (value, encoder) -> encoder.writeBytes((ByteBuffer) present(value));
  }

  private static Value record(Schema schema) {
    RowWriter writer = new RowWriter(schema);
    return (value, encoder) -> writer.write((Row) present(value), encoder);
  }

  /** Nullable columns, which nearly all unions are, are told apart without Avro's search. */
  private static Value union(Schema schema) {
    List<Schema> types = schema.getTypes();
    if (types.size() != 2 || !schema.isNullable()) {
      return any(schema);
    }
    int absent = types.get(0).getType() == Schema.Type.NULL ? 0 : 1;
    int present = 1 - absent;
    Value writer = value(types.get(present));
    return (value, encoder) -> {
      if (value == null) {
        encoder.writeIndex(absent);
        encoder.writeNull();
      } else {
        encoder.writeIndex(present);
        writer.write(value, encoder);
      }
    };
  }

  private static Value any(Schema schema) {
    GenericDatumWriter<@Nullable Object> writer = new GenericDatumWriter<>(schema, new RowData());
    return writer::write;
  }
}

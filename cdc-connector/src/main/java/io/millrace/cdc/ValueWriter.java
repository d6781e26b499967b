package io.millrace.cdc;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import org.apache.avro.io.Encoder;

/** Writes a column's values, as {@link CapturedValues} leaves them, in their Avro form. */
@FunctionalInterface
interface ValueWriter {
  /**
   * Writes a value that is not null.
   *
   * @throws UnrepresentableValueException when the value has no form in the column's Avro type
   */
  void write(Object value, Encoder encoder) throws IOException, UnrepresentableValueException;

  /** The writer of a column. */
  static ValueWriter of(Column column) {
    String name = column.name();
    return switch (column.type().kind()) {
      case INT -> (value, encoder) -> encoder.writeInt((Integer) value);
      case LONG -> (value, encoder) -> encoder.writeLong(((Number) value).longValue());
      case BOOLEAN -> (value, encoder) -> encoder.writeBoolean((Boolean) value);
      case DECIMAL -> decimal(name, column.type());
      case STRING, JSONB, UUID -> text(name);
      case TIMESTAMP_TZ, TIMESTAMP -> timestamp(name);
      case DATE -> date(name);
      case BYTES -> bytes(name);
    };
  }

  private static ValueWriter decimal(String name, ColumnType type) {
    return (value, encoder) -> {
      BigDecimal decimal = (BigDecimal) value;
      if (decimal.scale() != type.scale()) {
        decimal = rescaled(name, decimal, type);
      }
      if (decimal.precision() > type.precision()) {
        throw new UnrepresentableValueException(name, "more digits than " + type + " has");
      }
      encoder.writeBytes(decimal.unscaledValue().toByteArray());
    };
  }

  private static BigDecimal rescaled(String name, BigDecimal decimal, ColumnType type)
      throws UnrepresentableValueException {
    if (CapturedValues.isNotANumber(decimal)) {
      throw new UnrepresentableValueException(name, "NaN or infinity is no " + type);
    }
    if (CapturedValues.isAbsent(decimal)) {
      throw absent(name);
    }
    try {
      return decimal.setScale(type.scale());
    } catch (ArithmeticException e) {
      throw new UnrepresentableValueException(name, "digits beyond the scale of " + type);
    }
  }

  private static ValueWriter text(String name) {
    return (value, encoder) -> {
      if (CapturedValues.isAbsent(value)) {
        throw absent(name);
      }
      encoder.writeString((String) value);
    };
  }

  private static ValueWriter bytes(String name) {
    return (value, encoder) -> {
      if (CapturedValues.isAbsent(value)) {
        throw absent(name);
      }
      switch (value) {
        case byte[] array -> encoder.writeBytes(array);
        case ByteBuffer buffer -> encoder.writeBytes(buffer);
        default -> throw new IllegalArgumentException("bytes as " + value.getClass());
      }
    };
  }

  private static ValueWriter timestamp(String name) {
    return (value, encoder) -> {
      if (value.equals(CapturedValues.INFINITE_TIMESTAMP)
          || value.equals(CapturedValues.MINUS_INFINITE_TIMESTAMP)) {
        throw new UnrepresentableValueException(
            name, "a timestamp that is infinite or after the year 294246 has no microseconds");
      }
      encoder.writeLong((Long) value);
    };
  }

  private static ValueWriter date(String name) {
    return (value, encoder) -> {
      if (value.equals(CapturedValues.INFINITE_DATE)
          || value.equals(CapturedValues.MINUS_INFINITE_DATE)) {
        throw new UnrepresentableValueException(name, "an infinite date is no day");
      }
      encoder.writeInt((Integer) value);
    };
  }

  private static UnrepresentableValueException absent(String name) {
    return new UnrepresentableValueException(
        name,
        "the database did not send this unchanged large (TOAST) value; the table needs REPLICA"
            + " IDENTITY FULL");
  }
}

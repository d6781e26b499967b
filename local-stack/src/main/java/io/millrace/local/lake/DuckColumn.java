package io.millrace.local.lake;

import io.millrace.local.StackException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.DateTimeUtil;
import org.duckdb.DuckDBAppender;
import org.jspecify.annotations.Nullable;

/**
 * A column of a lake table in DuckDB, loss-free.
 *
 * @param type its Iceberg type
 */
record DuckColumn(String name, Type type) {
  /** Rejects what DuckDB or we have no exact counterpart for. */
  DuckColumn {
    duckType(name, type);
  }

  /** Those of a lake table. */
  static List<DuckColumn> all(Schema lake) {
    return lake.columns().stream()
        .map(field -> new DuckColumn(field.name(), field.type()))
        .toList();
  }

  /** For CREATE TABLE. */
  String definition() {
    return quoted() + " " + duckType(name, type);
  }

  /** Its name as an SQL identifier. */
  String quoted() {
    return quoted(name);
  }

  static String quoted(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  /** Appends a value of the class that Iceberg's generic records have for the type. */
  void append(DuckDBAppender appender, @Nullable Object value) throws SQLException {
    switch (value) {
      case null -> appender.appendNull();
      case Integer number -> appender.append(number.intValue());
      case Long number -> appender.append(number.longValue());
      case BigDecimal number -> appender.append(number);
      case Boolean flag -> appender.append(flag.booleanValue());
      case Float number -> appender.append(number.floatValue());
      case Double number -> appender.append(number.doubleValue());
      case CharSequence text -> appender.append(text.toString());
      case OffsetDateTime instant ->
          appender.appendEpochMicros(DateTimeUtil.microsFromTimestamptz(instant));
      case LocalDateTime time -> appender.appendEpochMicros(DateTimeUtil.microsFromTimestamp(time));
      case LocalDate date -> appender.append(date);
      case UUID uuid -> appender.append(uuid);
      case ByteBuffer bytes -> appender.append(array(bytes));
      default ->
          throw new IllegalStateException(
              "column " + name + " holds a " + value.getClass().getName());
    }
  }

  /** Reads a value of the source as the class that Iceberg's generic records have for the type. */
  @Nullable Object read(ResultSet row, int index) throws SQLException {
    return switch (type.typeId()) {
      case INTEGER -> orNull(row.getInt(index), row);
      case LONG -> orNull(row.getLong(index), row);
      case FLOAT -> orNull(row.getFloat(index), row);
      case DOUBLE -> orNull(row.getDouble(index), row);
      case BOOLEAN -> orNull(row.getBoolean(index), row);
      case DECIMAL -> decimal(row.getBigDecimal(index));
      case DATE -> row.getObject(index, LocalDate.class);
      case TIMESTAMP ->
          ((Types.TimestampType) type).shouldAdjustToUTC()
              ? row.getObject(index, OffsetDateTime.class)
              : row.getObject(index, LocalDateTime.class);
      case UUID -> row.getObject(index, UUID.class);
      case BINARY -> bytes(row.getBytes(index));
      default -> row.getString(index);
    };
  }

  private static @Nullable Object orNull(Object value, ResultSet row) throws SQLException {
    return row.wasNull() ? null : value;
  }

  private static @Nullable ByteBuffer bytes(byte @Nullable [] bytes) {
    return bytes == null ? null : ByteBuffer.wrap(bytes);
  }

  private @Nullable BigDecimal decimal(@Nullable BigDecimal value) {
    if (value == null) {
      return null;
    }
    int scale = ((Types.DecimalType) type).scale();
    try {
      return value.setScale(scale);
    } catch (ArithmeticException e) {
      throw new StackException(
          "the source's values of %s have more than the %d decimals of the lake's column"
              .formatted(name, scale),
          e);
    }
  }

  private static byte[] array(ByteBuffer bytes) {
    byte[] array = new byte[bytes.remaining()];
    bytes.duplicate().get(array);
    return array;
  }

  private static String duckType(String name, Type type) {
    return switch (type.typeId()) {
      case BOOLEAN -> "BOOLEAN";
      case INTEGER -> "INTEGER";
      case LONG -> "BIGINT";
      case FLOAT -> "FLOAT";
      case DOUBLE -> "DOUBLE";
      case DATE -> "DATE";
      case STRING -> "VARCHAR";
      case UUID -> "UUID";
      case BINARY -> "BLOB";
      case TIMESTAMP ->
          ((Types.TimestampType) type).shouldAdjustToUTC() ? "TIMESTAMPTZ" : "TIMESTAMP";
      case DECIMAL -> {
        Types.DecimalType decimal = (Types.DecimalType) type;
        yield "DECIMAL(%d, %d)".formatted(decimal.precision(), decimal.scale());
      }
      default ->
          throw new StackException(
              "column %s is of type %s, which queries cannot read".formatted(name, type));
    };
  }
}

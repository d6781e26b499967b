package io.millrace.cdc;

import io.debezium.connector.postgresql.PostgresValueConverter;
import io.debezium.connector.postgresql.UnchangedToastedReplicationMessageColumn;
import io.debezium.data.SpecialValueDecimal;
import io.debezium.spi.converter.CustomConverter;
import io.debezium.spi.converter.RelationalColumn;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Properties;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Debezium's converter for every type that is captured. Debezium's own converters lose the edges:
 * infinity becomes some far day, old dates pass through the JVM's calendar and zone, a NaN stops
 * the task, a missing value becomes a zero or a text that a row could hold too.
 *
 * <p>Values come out as Avro wants them: days, microseconds, decimals, strings, bytes. What has no
 * such form comes out as a marker that no real value is, for {@link ValueWriter} to refuse. A
 * column of any other type is left to Debezium, whose schema then names no type of ours.
 *
 * <p>Debezium also converts each column's default with these; what becomes of it is of no account,
 * since the writer never takes a default for a value.
 *
 * <p>Public because Debezium instantiates it by name.
 */
public final class PostgresValues implements CustomConverter<SchemaBuilder, RelationalColumn> {
  /** For Debezium. */
  public PostgresValues() {}

  @Override
  public void configure(Properties properties) {}

  /**
   * Debezium takes NOT NULL from the catalog of now, also for changes of before, in which the
   * column may be null: it must not refuse them. So every column is optional for it, and what the
   * catalog says stands beside.
   */
  @Override
  public void converterFor(
      RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
    register(
        column,
        (schema, converter) ->
            registration.register(
                schema
                    .optional()
                    .parameter(CapturedValues.NOT_NULL, Boolean.toString(!column.isOptional())),
                converter));
  }

  /** Type names are PostgreSQL's, or the driver's for columns with a sequence. */
  private static void register(
      RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
    switch (column.typeName()) {
      case "int2", "int4", "smallserial", "serial" ->
          registration.register(
              SchemaBuilder.int32().name(CapturedValues.INT), PostgresValues::integer);
      case "int8", "bigserial" ->
          registration.register(
              SchemaBuilder.int64().name(CapturedValues.LONG), PostgresValues::bigint);
      case "bool" ->
          registration.register(
              SchemaBuilder.bool().name(CapturedValues.BOOLEAN), PostgresValues::bool);
      case "date" ->
          registration.register(
              SchemaBuilder.int32().name(CapturedValues.DATE), PostgresValues::date);
      case "timestamp" ->
          registration.register(
              SchemaBuilder.int64().name(CapturedValues.TIMESTAMP), PostgresValues::timestamp);
      case "timestamptz" ->
          registration.register(
              SchemaBuilder.int64().name(CapturedValues.TIMESTAMP_TZ), PostgresValues::timestamp);
      case "text", "varchar" ->
          registration.register(
              SchemaBuilder.string().name(CapturedValues.TEXT), PostgresValues::text);
      case "jsonb" ->
          registration.register(
              SchemaBuilder.string().name(CapturedValues.JSONB), PostgresValues::text);
      case "uuid" ->
          registration.register(
              SchemaBuilder.string().name(CapturedValues.UUID), PostgresValues::text);
      case "bytea" ->
          registration.register(
              SchemaBuilder.bytes().name(CapturedValues.BYTES), PostgresValues::bytes);
      case "numeric" -> registerNumeric(column, registration);
      default -> {}
    }
  }

  private static void registerNumeric(
      RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
    int precision = column.length().orElse(0);
    if (precision > 0 && precision <= 1000) {
      registration.register(
          Decimal.builder(column.scale().orElse(0))
              .parameter(CapturedValues.PRECISION, Integer.toString(precision)),
          PostgresValues::numeric);
    }
  }

  private static @Nullable Object integer(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Integer integer -> integer;
      case Number number -> Math.toIntExact(number.longValue());
      default -> throw unexpected("an integer", value);
    };
  }

  private static @Nullable Object bigint(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Long bigint -> bigint;
      case Number number -> number.longValue();
      default -> throw unexpected("a bigint", value);
    };
  }

  private static @Nullable Object bool(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Boolean bool -> bool;
      default -> throw unexpected("a boolean", value);
    };
  }

  private static @Nullable Object text(@Nullable Object value) {
    if (value == null || value instanceof String) {
      return value;
    }
    return UnchangedToastedReplicationMessageColumn.isUnchangedToastedValue(value)
        ? CapturedValues.ABSENT_TEXT
        : value.toString();
  }

  private static @Nullable Object bytes(@Nullable Object value) {
    if (value == null || value instanceof byte[] || value instanceof ByteBuffer) {
      return value;
    }
    if (UnchangedToastedReplicationMessageColumn.isUnchangedToastedValue(value)) {
      return CapturedValues.ABSENT_BYTES;
    }
    throw unexpected("a bytea", value);
  }

  private static @Nullable Object numeric(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case BigDecimal decimal -> decimal;
      case SpecialValueDecimal special ->
          special.getDecimalValue().orElse(CapturedValues.NOT_A_NUMBER);
      case Number number -> new BigDecimal(number.toString());
      case String text -> new BigDecimal(text);
      default -> {
        if (UnchangedToastedReplicationMessageColumn.isUnchangedToastedValue(value)) {
          yield CapturedValues.ABSENT_DECIMAL;
        }
        throw unexpected("a numeric", value);
      }
    };
  }

  /** From a snapshot as PostgreSQL's text, since the driver's dates have the JVM's calendar. */
  private static @Nullable Object date(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case LocalDate date -> days(date);
      case String text -> days(PostgresTime.date(text));
      case Integer days -> days;
      default -> throw unexpected("a date", value);
    };
  }

  /** Days since the epoch. */
  static Integer days(LocalDate date) {
    if (date.equals(PostgresValueConverter.POSITIVE_INFINITY_LOCAL_DATE)) {
      return CapturedValues.INFINITE_DATE;
    }
    if (date.equals(PostgresValueConverter.NEGATIVE_INFINITY_LOCAL_DATE)) {
      return CapturedValues.MINUS_INFINITE_DATE;
    }
    return Math.toIntExact(date.toEpochDay());
  }

  private static @Nullable Object timestamp(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case OffsetDateTime time -> micros(time);
      case Instant instant -> micros(instant);
      case LocalDateTime time -> micros(time.toInstant(ZoneOffset.UTC));
      case String text -> PostgresTime.micros(text);
      case Long micros -> micros;
      default -> throw unexpected("a timestamp", value);
    };
  }

  private static Long micros(OffsetDateTime time) {
    if (time.equals(PostgresValueConverter.POSITIVE_INFINITY_OFFSET_DATE_TIME)) {
      return CapturedValues.INFINITE_TIMESTAMP;
    }
    if (time.equals(PostgresValueConverter.NEGATIVE_INFINITY_OFFSET_DATE_TIME)) {
      return CapturedValues.MINUS_INFINITE_TIMESTAMP;
    }
    return PostgresTime.micros(time.toInstant());
  }

  private static Long micros(Instant instant) {
    if (instant.equals(PostgresValueConverter.POSITIVE_INFINITY_INSTANT)) {
      return CapturedValues.INFINITE_TIMESTAMP;
    }
    if (instant.equals(PostgresValueConverter.NEGATIVE_INFINITY_INSTANT)) {
      return CapturedValues.MINUS_INFINITE_TIMESTAMP;
    }
    return PostgresTime.micros(instant);
  }

  private static IllegalArgumentException unexpected(String expected, Object value) {
    return new IllegalArgumentException(
        "Debezium gave " + expected + " as " + value.getClass().getName());
  }
}

package io.millrace.cdc.binlog;

import io.debezium.spi.converter.CustomConverter;
import io.debezium.spi.converter.RelationalColumn;
import io.millrace.cdc.CapturedValues;
import io.millrace.cdc.ColumnType;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Debezium's converter for every type that is captured, so that values of a snapshot and of the log
 * come out alike. The options of an ENUM or a SET only Debezium's own converter knows; a column of
 * any other type is left to Debezium too, whose schema then names no type of ours.
 *
 * <p>Debezium also converts each column's default with these; what becomes of it is of no account,
 * since the writer never takes a default for a value.
 *
 * <p>Public because Debezium instantiates it by name.
 */
public class BinlogValues implements CustomConverter<SchemaBuilder, RelationalColumn> {
  /** For Debezium. */
  public BinlogValues() {}

  @Override
  public void configure(Properties properties) {}

  @Override
  public void converterFor(
      RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
    Optional<BinlogType> declared =
        BinlogType.of(
            column.typeName(),
            column.length().orElse(0),
            column.scale().orElse(0),
            charset(column));
    if (declared.isEmpty() || declared.get().hasOptions()) {
      return;
    }
    BinlogType type = declared.get();
    SchemaBuilder schema = schema(type.type());
    if (type.mayBeZeroDate() && !column.isOptional()) {
      schema.optional();
    }
    registration.register(schema, converter(type));
  }

  private static String charset(RelationalColumn column) {
    @Nullable String charset = column.charsetName();
    return charset == null ? "" : charset;
  }

  /**
   * A JSON value.
   *
   * @param logged what the log has of it
   */
  protected String json(byte[] logged) {
    return new String(logged, StandardCharsets.UTF_8);
  }

  private @Nullable Object json(@Nullable Object value) {
    return value instanceof byte[] logged ? json(logged) : BinlogTexts.text(value, "utf8mb4");
  }

  /**
   * What makes a value of what the log or the driver gives.
   *
   * @throws IllegalArgumentException for a type with options
   */
  Converter converter(BinlogType type) {
    return switch (type.form()) {
      case INTEGER -> integer(type);
      case DECIMAL -> value -> BinlogNumbers.decimal(value, type.scale());
      case BIT -> bit(type);
      case TEXT -> value -> BinlogTexts.text(value, type.charset());
      case JSON -> this::json;
      case ENUM, SET -> throw new IllegalArgumentException("options are not known here");
      case BINARY -> value -> BinlogTexts.bytes(value, type.length());
      case BYTES -> value -> BinlogTexts.bytes(value, 0);
      case UUID -> BinlogTexts::uuid;
      case DATE -> BinlogTimes::date;
      case DATETIME -> BinlogTimes::datetime;
      case TIMESTAMP -> BinlogTimes::timestamp;
      case TIME -> BinlogTimes::time;
      case YEAR -> BinlogTimes::year;
    };
  }

  private static Converter integer(BinlogType type) {
    return switch (type.type().kind()) {
      case INT ->
          value -> {
            Long number = BinlogNumbers.integer(value, type.length(), type.unsigned());
            return number == null ? null : Math.toIntExact(number);
          };
      case LONG -> value -> BinlogNumbers.integer(value, type.length(), type.unsigned());
      default -> BinlogNumbers::unsigned;
    };
  }

  private static Converter bit(BinlogType type) {
    return switch (type.type().kind()) {
      case BOOLEAN ->
          value -> {
            Long bits = BinlogNumbers.bits(value);
            return bits == null ? null : bits != 0;
          };
      case LONG -> BinlogNumbers::bits;
      default -> value -> BinlogNumbers.unsigned(BinlogNumbers.bits(value));
    };
  }

  private static SchemaBuilder schema(ColumnType type) {
    return switch (type.kind()) {
      case INT -> SchemaBuilder.int32().name(CapturedValues.INT);
      case LONG -> SchemaBuilder.int64().name(CapturedValues.LONG);
      case DECIMAL ->
          Decimal.builder(type.scale())
              .parameter(CapturedValues.PRECISION, Integer.toString(type.precision()));
      case BOOLEAN -> SchemaBuilder.bool().name(CapturedValues.BOOLEAN);
      case STRING -> SchemaBuilder.string().name(CapturedValues.TEXT);
      case JSONB -> SchemaBuilder.string().name(CapturedValues.JSONB);
      case UUID -> SchemaBuilder.string().name(CapturedValues.UUID);
      case TIMESTAMP_TZ -> SchemaBuilder.int64().name(CapturedValues.TIMESTAMP_TZ);
      case TIMESTAMP -> SchemaBuilder.int64().name(CapturedValues.TIMESTAMP);
      case DATE -> SchemaBuilder.int32().name(CapturedValues.DATE);
      case BYTES -> SchemaBuilder.bytes().name(CapturedValues.BYTES);
    };
  }
}

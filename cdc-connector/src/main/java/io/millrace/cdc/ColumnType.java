package io.millrace.cdc;

import java.util.Map;
import java.util.Optional;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.kafka.connect.data.Decimal;

/**
 * Type of a captured column: the types that pass from PostgreSQL to Avro without loss.
 *
 * @param kind which of them
 * @param precision digits of a {@link Kind#DECIMAL}; otherwise 0
 * @param scale digits after a {@link Kind#DECIMAL}'s point; otherwise 0
 */
public record ColumnType(Kind kind, int precision, int scale) {
  /** Avro property that tells a jsonb column from text. */
  static final String MILLRACE_TYPE = "millrace.type";

  private static final int MAX_PRECISION = 38;

  /** The kinds of types. */
  public enum Kind {
    INT,
    LONG,
    DECIMAL,
    BOOLEAN,
    STRING,
    TIMESTAMP_TZ,
    TIMESTAMP,
    DATE,
    UUID,
    JSONB,
    BYTES
  }

  /** A type that is not a decimal. */
  public static ColumnType of(Kind kind) {
    return new ColumnType(kind, 0, 0);
  }

  /** A decimal. */
  public static ColumnType decimal(int precision, int scale) {
    return new ColumnType(Kind.DECIMAL, precision, scale);
  }

  /**
   * The type of a PostgreSQL column; empty when it has no loss-free form here.
   *
   * @param name {@code pg_type.typname} of the column's own type
   * @param modifier {@code pg_attribute.atttypmod}
   */
  static Optional<ColumnType> ofPostgres(String name, int modifier) {
    return switch (name) {
      case "int2", "int4" -> Optional.of(of(Kind.INT));
      case "int8" -> Optional.of(of(Kind.LONG));
      case "numeric" -> ofNumeric(modifier);
      case "bool" -> Optional.of(of(Kind.BOOLEAN));
      case "text", "varchar" -> Optional.of(of(Kind.STRING));
      case "timestamptz" -> Optional.of(of(Kind.TIMESTAMP_TZ));
      case "timestamp" -> Optional.of(of(Kind.TIMESTAMP));
      case "date" -> Optional.of(of(Kind.DATE));
      case "uuid" -> Optional.of(of(Kind.UUID));
      case "jsonb" -> Optional.of(of(Kind.JSONB));
      case "bytea" -> Optional.of(of(Kind.BYTES));
      default -> Optional.empty();
    };
  }

  /** A modifier is four more than precision in the upper sixteen bits, scale in eleven below. */
  private static Optional<ColumnType> ofNumeric(int modifier) {
    if (modifier < 4) {
      return Optional.empty();
    }
    int precision = ((modifier - 4) >> 16) & 0xffff;
    int scale = (((modifier - 4) & 0x7ff) ^ 1024) - 1024;
    return ofNumeric(precision, scale);
  }

  private static Optional<ColumnType> ofNumeric(int precision, int scale) {
    return precision > MAX_PRECISION || scale < 0 || scale > precision
        ? Optional.empty()
        : Optional.of(decimal(precision, scale));
  }

  /** The type of a column in a schema that {@link #avro} made; nullable or not. */
  static Optional<ColumnType> ofAvro(Schema schema) {
    Schema type = schema.isUnion() ? schema.getTypes().get(1) : schema;
    String logical = type.getLogicalType() == null ? "" : type.getLogicalType().getName();
    return switch (type.getType()) {
      case INT -> Optional.of(of(logical.equals("date") ? Kind.DATE : Kind.INT));
      case LONG ->
          Optional.of(
              of(
                  switch (logical) {
                    case "timestamp-micros" -> Kind.TIMESTAMP_TZ;
                    case "local-timestamp-micros" -> Kind.TIMESTAMP;
                    default -> Kind.LONG;
                  }));
      case BOOLEAN -> Optional.of(of(Kind.BOOLEAN));
      case STRING ->
          Optional.of(
              of(
                  logical.equals("uuid")
                      ? Kind.UUID
                      : "jsonb".equals(type.getProp(MILLRACE_TYPE)) ? Kind.JSONB : Kind.STRING));
      case BYTES ->
          Optional.of(
              type.getLogicalType() instanceof LogicalTypes.Decimal decimal
                  ? decimal(decimal.getPrecision(), decimal.getScale())
                  : of(Kind.BYTES));
      default -> Optional.empty();
    };
  }

  /**
   * The type of a field as Debezium describes it, with {@link CapturedValues}; empty when it is
   * none of these types.
   */
  static Optional<ColumnType> ofConnect(org.apache.kafka.connect.data.Schema schema) {
    if (schema.name() == null) {
      return Optional.empty();
    }
    return switch (schema.name()) {
      case CapturedValues.INT -> Optional.of(of(Kind.INT));
      case CapturedValues.LONG -> Optional.of(of(Kind.LONG));
      case Decimal.LOGICAL_NAME -> ofDecimal(schema.parameters());
      case CapturedValues.BOOLEAN -> Optional.of(of(Kind.BOOLEAN));
      case CapturedValues.TEXT, CapturedValues.ENUM, CapturedValues.ENUM_SET ->
          Optional.of(of(Kind.STRING));
      case CapturedValues.TIMESTAMP_TZ -> Optional.of(of(Kind.TIMESTAMP_TZ));
      case CapturedValues.TIMESTAMP -> Optional.of(of(Kind.TIMESTAMP));
      case CapturedValues.DATE -> Optional.of(of(Kind.DATE));
      case CapturedValues.UUID -> Optional.of(of(Kind.UUID));
      case CapturedValues.JSONB -> Optional.of(of(Kind.JSONB));
      case CapturedValues.BYTES -> Optional.of(of(Kind.BYTES));
      default -> Optional.empty();
    };
  }

  private static Optional<ColumnType> ofDecimal(Map<String, String> parameters) {
    String precision = parameters.get(CapturedValues.PRECISION);
    String scale = parameters.get(Decimal.SCALE_FIELD);
    return precision == null || scale == null
        ? Optional.empty()
        : ofNumeric(Integer.parseInt(precision), Integer.parseInt(scale));
  }

  /** The Avro type, not nullable. */
  Schema avro() {
    return switch (kind) {
      case INT -> Schema.create(Schema.Type.INT);
      case LONG -> Schema.create(Schema.Type.LONG);
      case DECIMAL ->
          LogicalTypes.decimal(precision, scale).addToSchema(Schema.create(Schema.Type.BYTES));
      case BOOLEAN -> Schema.create(Schema.Type.BOOLEAN);
      case STRING -> Schema.create(Schema.Type.STRING);
      case TIMESTAMP_TZ ->
          LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
      case TIMESTAMP ->
          LogicalTypes.localTimestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
      case DATE -> LogicalTypes.date().addToSchema(Schema.create(Schema.Type.INT));
      case UUID -> LogicalTypes.uuid().addToSchema(Schema.create(Schema.Type.STRING));
      case JSONB -> {
        Schema jsonb = Schema.create(Schema.Type.STRING);
        jsonb.addProp(MILLRACE_TYPE, "jsonb");
        yield jsonb;
      }
      case BYTES -> Schema.create(Schema.Type.BYTES);
    };
  }

  /** Whether every value of this type is one of {@code wider}, for readers too. */
  boolean widensTo(ColumnType wider) {
    return equals(wider)
        || (kind == Kind.INT && wider.kind == Kind.LONG)
        || (kind == Kind.DECIMAL
            && wider.kind == Kind.DECIMAL
            && scale == wider.scale
            && precision <= wider.precision);
  }

  @Override
  public String toString() {
    return switch (kind) {
      case INT -> "integer";
      case LONG -> "bigint";
      case DECIMAL -> "numeric(%d,%d)".formatted(precision, scale);
      case BOOLEAN -> "boolean";
      case STRING -> "text";
      case TIMESTAMP_TZ -> "timestamptz";
      case TIMESTAMP -> "timestamp";
      case DATE -> "date";
      case UUID -> "uuid";
      case JSONB -> "jsonb";
      case BYTES -> "bytea";
    };
  }
}

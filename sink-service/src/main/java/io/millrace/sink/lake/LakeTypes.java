package io.millrace.sink.lake;

import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/** Avro types of rows as Iceberg types, loss-free. */
public final class LakeTypes {
  private LakeTypes() {}

  /**
   * The Iceberg type of an Avro field.
   *
   * @param schema plain or a union with null
   * @throws IncompatibleTableException when the lake has no type for it
   */
  public static Type.PrimitiveType of(Schema schema) {
    Schema type = withoutNull(schema);
    LogicalType logical = type.getLogicalType();
    return switch (type.getType()) {
      case BOOLEAN -> Types.BooleanType.get();
      case INT ->
          logical instanceof LogicalTypes.Date ? Types.DateType.get() : Types.IntegerType.get();
      case LONG -> ofLong(logical);
      case STRING ->
          logical != null && logical.getName().equals("uuid")
              ? Types.UUIDType.get()
              : Types.StringType.get();
      case BYTES ->
          logical instanceof LogicalTypes.Decimal decimal
              ? Types.DecimalType.of(decimal.getPrecision(), decimal.getScale())
              : Types.BinaryType.get();
      default ->
          throw new IncompatibleTableException(
              "there is no lake type for Avro type " + type.getType().getName());
    };
  }

  private static Type.PrimitiveType ofLong(LogicalType logical) {
    return switch (logical) {
      case LogicalTypes.TimestampMicros any -> Types.TimestampType.withZone();
      case LogicalTypes.LocalTimestampMicros any -> Types.TimestampType.withoutZone();
      case null -> Types.LongType.get();
      default ->
          throw new IncompatibleTableException(
              "there is no lake type for Avro logical type " + logical.getName());
    };
  }

  /** Whether a union lets the value be null. */
  static boolean isNullable(Schema schema) {
    return schema.isUnion() && schema.getTypes().stream().anyMatch(Schema::isNullable);
  }

  private static Schema withoutNull(Schema schema) {
    if (!schema.isUnion()) {
      return schema;
    }
    return schema.getTypes().stream()
        .filter(type -> type.getType() != Schema.Type.NULL)
        .findFirst()
        .orElse(schema);
  }
}

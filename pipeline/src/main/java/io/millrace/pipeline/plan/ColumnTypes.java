package io.millrace.pipeline.plan;

import io.millrace.schemas.SourceMetadata;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.sql.type.SqlTypeName;

/**
 * Avro types of columns and the SQL types that views see them as. {@code jsonb} is VARIANT to SQL,
 * so that no text function takes it for text.
 */
final class ColumnTypes {
  private static final String MILLRACE_TYPE = "millrace.type";
  private static final String JSONB = "jsonb";

  private ColumnTypes() {}

  /** SQL type of a column. */
  static RelDataType sql(RelDataTypeFactory types, Schema column) {
    boolean nullable = column.isNullable();
    Schema type = nullable ? nonNull(column) : column;
    return types.createTypeWithNullability(sqlNotNull(types, type), nullable);
  }

  private static RelDataType sqlNotNull(RelDataTypeFactory types, Schema type) {
    LogicalType logical = type.getLogicalType();
    return switch (type.getType()) {
      case INT ->
          types.createSqlType(
              logical instanceof LogicalTypes.Date ? SqlTypeName.DATE : SqlTypeName.INTEGER);
      case LONG ->
          switch (logical) {
            case LogicalTypes.TimestampMicros micros ->
                types.createSqlType(SqlTypeName.TIMESTAMP_TZ, 6);
            case LogicalTypes.LocalTimestampMicros micros ->
                types.createSqlType(SqlTypeName.TIMESTAMP, 6);
            case null, default -> types.createSqlType(SqlTypeName.BIGINT);
          };
      case BYTES ->
          logical instanceof LogicalTypes.Decimal decimal
              ? types.createSqlType(SqlTypeName.DECIMAL, decimal.getPrecision(), decimal.getScale())
              : types.createSqlType(SqlTypeName.VARBINARY);
      case BOOLEAN -> types.createSqlType(SqlTypeName.BOOLEAN);
      case STRING ->
          types.createSqlType(
              isJsonb(type)
                  ? SqlTypeName.VARIANT
                  : logical != null && logical.getName().equals("uuid")
                      ? SqlTypeName.UUID
                      : SqlTypeName.VARCHAR);
      default -> throw new IllegalArgumentException("no column has the Avro type " + type);
    };
  }

  private static boolean isJsonb(Schema type) {
    return JSONB.equals(type.getProp(MILLRACE_TYPE));
  }

  private static Schema nonNull(Schema union) {
    return union.getTypes().stream()
        .filter(type -> type.getType() != Schema.Type.NULL)
        .findFirst()
        .orElseThrow();
  }

  /** Avro type of a column that a view computes. */
  static Schema avro(RelDataType type) {
    Schema schema =
        switch (type.getSqlTypeName()) {
          case INTEGER -> Schema.create(Schema.Type.INT);
          case BIGINT -> Schema.create(Schema.Type.LONG);
          case DECIMAL ->
              LogicalTypes.decimal(type.getPrecision(), type.getScale())
                  .addToSchema(Schema.create(Schema.Type.BYTES));
          case BOOLEAN -> Schema.create(Schema.Type.BOOLEAN);
          case CHAR, VARCHAR -> Schema.create(Schema.Type.STRING);
          case VARIANT -> {
            Schema jsonb = Schema.create(Schema.Type.STRING);
            jsonb.addProp(MILLRACE_TYPE, JSONB);
            yield jsonb;
          }
          case UUID -> LogicalTypes.uuid().addToSchema(Schema.create(Schema.Type.STRING));
          case DATE -> LogicalTypes.date().addToSchema(Schema.create(Schema.Type.INT));
          case TIMESTAMP ->
              LogicalTypes.localTimestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
          case TIMESTAMP_TZ ->
              LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
          case VARBINARY -> Schema.create(Schema.Type.BYTES);
          default -> throw new IllegalArgumentException("no column has the SQL type " + type);
        };
    return type.isNullable() ? Schema.createUnion(Schema.create(Schema.Type.NULL), schema) : schema;
  }

  /** Whether a view's column may have this type. */
  static boolean isColumnType(RelDataType type) {
    return switch (type.getSqlTypeName()) {
      case INTEGER,
          BIGINT,
          DECIMAL,
          BOOLEAN,
          CHAR,
          VARCHAR,
          VARIANT,
          UUID,
          DATE,
          TIMESTAMP,
          TIMESTAMP_TZ,
          VARBINARY ->
          true;
      default -> false;
    };
  }

  /** A field of a row; a nullable one is null by default. */
  static Schema.Field field(String name, Schema type) {
    return type.isNullable()
        ? new Schema.Field(name, type, null, Schema.Field.NULL_DEFAULT_VALUE)
        : new Schema.Field(name, type);
  }

  /** A record schema of these fields alone. */
  static Schema record(String name, String namespace, List<Schema.Field> fields) {
    return Schema.createRecord(name, null, namespace, false, fields);
  }

  /** A row schema: the columns, then the metadata. */
  static Schema row(String name, String namespace, List<Schema.Field> columns) {
    List<Schema.Field> fields = new ArrayList<>(columns);
    fields.add(new Schema.Field(SourceMetadata.SOURCE_TS, SourceMetadata.sourceTs()));
    fields.add(new Schema.Field(SourceMetadata.SOURCE_POS, SourceMetadata.sourcePos()));
    return record(name, namespace, fields);
  }
}

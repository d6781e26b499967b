package io.millrace.pipeline.plan;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.apache.calcite.jdbc.JavaTypeFactoryImpl;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.rel.type.RelDataTypeSystemImpl;
import org.apache.calcite.sql.type.SqlTypeName;

/**
 * The types of views: exact numbers of up to 38 digits, microseconds, and aggregates wide enough
 * not to overflow.
 */
final class MillraceTypeSystem extends RelDataTypeSystemImpl {
  static final int MAX_PRECISION = 38;
  static final int LEAST_AVG_SCALE = 6;
  private static final int MICROS = 6;

  /** A factory of these types, whose strings are Unicode. */
  static final class Factory extends JavaTypeFactoryImpl {
    Factory() {
      super(new MillraceTypeSystem());
    }

    @Override
    public Charset getDefaultCharset() {
      return StandardCharsets.UTF_8;
    }
  }

  @Override
  public int getMaxPrecision(SqlTypeName type) {
    return switch (type) {
      case DECIMAL -> MAX_PRECISION;
      case TIMESTAMP, TIMESTAMP_TZ -> MICROS;
      default -> super.getMaxPrecision(type);
    };
  }

  @Override
  public int getMaxScale(SqlTypeName type) {
    return type == SqlTypeName.DECIMAL ? MAX_PRECISION : super.getMaxScale(type);
  }

  /** Branches of a CASE keep their text; the standard would pad it to one length. */
  @Override
  public boolean shouldConvertRaggedUnionTypesToVarying() {
    return true;
  }

  @Override
  public RelDataType deriveSumType(RelDataTypeFactory types, RelDataType argument) {
    RelDataType sum =
        switch (argument.getSqlTypeName()) {
          case TINYINT, SMALLINT, INTEGER -> types.createSqlType(SqlTypeName.BIGINT);
          case BIGINT -> types.createSqlType(SqlTypeName.DECIMAL, MAX_PRECISION, 0);
          case DECIMAL ->
              types.createSqlType(SqlTypeName.DECIMAL, MAX_PRECISION, argument.getScale());
          default -> argument;
        };
    return types.createTypeWithNullability(sum, argument.isNullable());
  }

  @Override
  public RelDataType deriveAvgAggType(RelDataTypeFactory types, RelDataType argument) {
    int scale =
        argument.getSqlTypeName() == SqlTypeName.DECIMAL
            ? Math.max(argument.getScale(), LEAST_AVG_SCALE)
            : LEAST_AVG_SCALE;
    return types.createTypeWithNullability(
        types.createSqlType(SqlTypeName.DECIMAL, MAX_PRECISION, scale), argument.isNullable());
  }
}

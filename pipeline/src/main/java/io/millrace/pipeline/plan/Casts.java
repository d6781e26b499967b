package io.millrace.pipeline.plan;

import java.util.Locale;
import java.util.Set;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.sql.SqlBasicTypeNameSpec;
import org.apache.calcite.sql.SqlDataTypeSpec;
import org.apache.calcite.sql.type.SqlTypeName;

/** Which casts mean the same here as in PostgreSQL. */
final class Casts {
  private static final Set<String> PLAIN =
      Set.of(
          "INTEGER", "BIGINT", "VARCHAR", "BOOLEAN", "DATE", "UUID", "TIMESTAMP", "TIMESTAMP_TZ");

  private Casts() {}

  /** Whether a cast may name this type. */
  static boolean isSupported(SqlDataTypeSpec spec) {
    if (!(spec.getTypeNameSpec() instanceof SqlBasicTypeNameSpec type)) {
      return false;
    }
    String name = type.getTypeName().getSimple().toUpperCase(Locale.ROOT).replace(' ', '_');
    if (name.equals("DECIMAL")) {
      int precision = type.getPrecision();
      return precision > 0
          && precision <= MillraceTypeSystem.MAX_PRECISION
          && type.getScale() <= precision;
    }
    return PLAIN.contains(name) && type.getPrecision() < 0;
  }

  /** Whether a value of one type may be cast to the other. */
  static boolean isSupported(RelDataType from, RelDataType to) {
    ValueKind target = ValueKind.of(to);
    return switch (ValueKind.of(from)) {
      case NULL -> true;
      case NUMBER ->
          target == ValueKind.NUMBER
              || (target == ValueKind.TEXT && from.getSqlTypeName() != SqlTypeName.DECIMAL);
      case BOOLEAN -> target == ValueKind.BOOLEAN || target == ValueKind.TEXT;
      case UUID -> target == ValueKind.UUID || target == ValueKind.TEXT;
      case TEXT, DATE, TIMESTAMP, TIMESTAMPTZ -> target == ValueKind.of(from);
      case JSONB, BYTES, OTHER -> false;
    };
  }
}

package io.millrace.pipeline.plan;

import org.apache.calcite.rel.type.RelDataType;

/** The Java types of values in rows, as generated code names them. */
enum JavaType {
  INTEGER("Integer"),
  LONG("Long"),
  DECIMAL("java.math.BigDecimal"),
  BOOLEAN("Boolean"),
  STRING("String"),
  BYTES("java.nio.ByteBuffer");

  private final String className;

  JavaType(String className) {
    this.className = className;
  }

  String className() {
    return className;
  }

  boolean isNumber() {
    return this == INTEGER || this == LONG || this == DECIMAL;
  }

  static JavaType of(RelDataType type) {
    return switch (type.getSqlTypeName()) {
      case INTEGER, DATE -> INTEGER;
      case BIGINT, TIMESTAMP, TIMESTAMP_TZ -> LONG;
      case DECIMAL -> DECIMAL;
      case BOOLEAN -> BOOLEAN;
      case CHAR, VARCHAR, UUID, VARIANT -> STRING;
      case VARBINARY -> BYTES;
      default -> throw new IllegalArgumentException("no value has the SQL type " + type);
    };
  }
}

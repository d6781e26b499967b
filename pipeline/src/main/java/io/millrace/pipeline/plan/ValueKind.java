package io.millrace.pipeline.plan;

import org.apache.calcite.rel.type.RelDataType;

/** Types of values by what may be done with them. */
enum ValueKind {
  NUMBER("a number"),
  TEXT("text"),
  BOOLEAN("a boolean"),
  DATE("a date"),
  TIMESTAMP("a timestamp"),
  TIMESTAMPTZ("a timestamptz"),
  UUID("a uuid"),
  JSONB("jsonb"),
  BYTES("bytea"),
  NULL("NULL"),
  OTHER("of a type that no column has");

  private final String description;

  ValueKind(String description) {
    this.description = description;
  }

  String description() {
    return description;
  }

  static ValueKind of(RelDataType type) {
    return switch (type.getSqlTypeName()) {
      case INTEGER, BIGINT, DECIMAL -> NUMBER;
      case CHAR, VARCHAR -> TEXT;
      case BOOLEAN -> BOOLEAN;
      case DATE -> DATE;
      case TIMESTAMP -> TIMESTAMP;
      case TIMESTAMP_TZ -> TIMESTAMPTZ;
      case UUID -> UUID;
      case VARIANT -> JSONB;
      case VARBINARY -> BYTES;
      case NULL -> NULL;
      default -> OTHER;
    };
  }
}

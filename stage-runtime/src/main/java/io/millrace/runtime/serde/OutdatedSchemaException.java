package io.millrace.runtime.serde;

import java.util.List;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/**
 * A record was written after a column got a type of more values than the readers of it were made
 * for: a wider number, or one that may be null. The record is right; who reads it has to begin
 * again with the schemas of now. Fatal.
 */
public final class OutdatedSchemaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With which column became what. */
  public OutdatedSchemaException(String message) {
    super(message);
  }

  /**
   * Compares the columns that a reader wants with those that were written.
   *
   * @throws OutdatedSchemaException when one of them was written with a type of more values
   */
  static void check(Schema writer, List<Schema.Field> wanted) {
    for (Schema.Field planned : wanted) {
      Schema.Field now = writer.getField(planned.name());
      if (now != null && isWider(now.schema(), planned.schema())) {
        throw new OutdatedSchemaException(
            "column %s of %s is %s now and was %s at the start: it is read as such after a new start"
                .formatted(
                    now.name(), writer.getName(), text(now.schema()), text(planned.schema())));
      }
    }
  }

  private static boolean isWider(Schema now, Schema planned) {
    Schema type = notNull(now);
    Schema before = notNull(planned);
    if (now.isNullable() && !planned.isNullable() && type.getType() == before.getType()) {
      return true;
    }
    LogicalType logical = type.getLogicalType();
    if (before.getLogicalType() instanceof LogicalTypes.Decimal earlier) {
      return logical instanceof LogicalTypes.Decimal decimal
          && decimal.getScale() == earlier.getScale()
          && decimal.getPrecision() > earlier.getPrecision();
    }
    return type.getType() == Schema.Type.LONG
        && logical == null
        && before.getType() == Schema.Type.INT
        && before.getLogicalType() == null;
  }

  /** The type of a nullable column; others are what they are. */
  private static Schema notNull(Schema schema) {
    return schema.isUnion() && schema.isNullable() && schema.getTypes().size() == 2
        ? schema.getTypes().stream()
            .filter(type -> type.getType() != Schema.Type.NULL)
            .findFirst()
            .orElse(schema)
        : schema;
  }

  private static String text(Schema schema) {
    Schema type = notNull(schema);
    String name =
        type.getLogicalType() instanceof LogicalTypes.Decimal decimal
            ? "decimal(%d, %d)".formatted(decimal.getPrecision(), decimal.getScale())
            : type.getType().getName();
    return schema.isNullable() ? "a nullable " + name : name;
  }
}

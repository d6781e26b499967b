package io.millrace.runtime.serde;

import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;

/** Copies of schemas whose strings Avro reads as {@link String}, not as its own Utf8. */
final class StringSchemas {
  private StringSchemas() {}

  /** A copy; {@code schema} stays as it is. */
  static Schema withJavaStrings(Schema schema) {
    Schema copy = new Schema.Parser().parse(schema.toString());
    mark(copy);
    return copy;
  }

  private static void mark(Schema schema) {
    switch (schema.getType()) {
      case STRING -> {
        if (schema.getProp(GenericData.STRING_PROP) == null) {
          GenericData.setStringType(schema, GenericData.StringType.String);
        }
      }
      case RECORD -> schema.getFields().forEach(field -> mark(field.schema()));
      case UNION -> schema.getTypes().forEach(StringSchemas::mark);
      case ARRAY -> mark(schema.getElementType());
      case MAP -> {
        if (schema.getProp(GenericData.STRING_PROP) == null) {
          GenericData.setStringType(schema, GenericData.StringType.String);
        }
        mark(schema.getValueType());
      }
      default -> {}
    }
  }
}

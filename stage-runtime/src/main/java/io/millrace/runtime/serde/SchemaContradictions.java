package io.millrace.runtime.serde;

import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;

/** Why a schema cannot read what another wrote, by the names of the fields. */
final class SchemaContradictions {
  private SchemaContradictions() {}

  /** Every contradiction; empty when Avro finds none. */
  static String of(Schema reader, Schema writer) {
    return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
        .getResult()
        .getIncompatibilities()
        .stream()
        .map(one -> describe(reader, one))
        .distinct()
        .collect(Collectors.joining("; "));
  }

  private static String describe(Schema reader, Incompatibility one) {
    String what =
        switch (one.getType()) {
          case READER_FIELD_MISSING_DEFAULT_VALUE ->
              "is new and neither nullable nor with a default";
          default -> one.getMessage();
        };
    return field(reader, one.getLocation()) + ": " + what;
  }

  /** From Avro's pointer ({@code /fields/1/type/1/fields/0}) to the names of the fields. */
  private static String field(Schema schema, String pointer) {
    StringBuilder path = new StringBuilder();
    Schema at = schema;
    String[] steps = pointer.substring(1).split("/", -1);
    for (int i = 0; i < steps.length; i++) {
      if (steps[i].equals("fields") && at.getType() == Schema.Type.RECORD && i + 1 < steps.length) {
        Schema.Field field = at.getFields().get(Integer.parseInt(steps[++i]));
        path.append(path.isEmpty() ? "" : ".").append(field.name());
        at = field.schema();
      } else if (at.getType() == Schema.Type.UNION && !steps[i].equals("type")) {
        at = at.getTypes().get(Integer.parseInt(steps[i]));
      }
    }
    return path.isEmpty() ? schema.getFullName() : path.toString();
  }
}

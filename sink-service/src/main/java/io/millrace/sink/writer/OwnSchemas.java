package io.millrace.sink.writer;

import io.millrace.runtime.serde.SchemaRegistry;
import java.util.function.UnaryOperator;
import org.apache.avro.AvroTypeException;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The schemas of one subject, told from others by the name that all its versions share. A record
 * with the schema id of another table would otherwise change the lake table to that table's shape.
 */
final class OwnSchemas implements UnaryOperator<Schema> {
  private final SchemaRegistry registry;
  private final String subject;
  private volatile @Nullable String name;

  OwnSchemas(SchemaRegistry registry, String subject) {
    this.registry = registry;
    this.subject = subject;
  }

  /**
   * The schema itself.
   *
   * @throws AvroTypeException when it is none of the subject's
   */
  @Override
  public Schema apply(Schema writer) {
    String own = name();
    if (!writer.getFullName().equals(own)) {
      throw new AvroTypeException("a record of %s, not of %s".formatted(writer.getFullName(), own));
    }
    return writer;
  }

  private String name() {
    String known = name;
    if (known == null) {
      known =
          registry
              .latest(subject)
              .orElseThrow(() -> new AvroTypeException("subject " + subject + " has no schema"))
              .getFullName();
      name = known;
    }
    return known;
  }
}

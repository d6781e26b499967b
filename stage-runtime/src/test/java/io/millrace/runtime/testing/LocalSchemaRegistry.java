package io.millrace.runtime.testing;

import io.millrace.runtime.serde.IncompatibleSchemaException;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.runtime.serde.UnknownSchemaException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/** A registry within the test, for tests that may not use the network. */
public final class LocalSchemaRegistry implements SchemaRegistry {
  private final List<Schema> schemas = new ArrayList<>();
  private final Map<String, List<Schema>> versions = new HashMap<>();

  /** A version that is there stays where it is among the others, as with a real registry. */
  @Override
  public synchronized int register(String subject, Schema schema) {
    List<Schema> known = versions.computeIfAbsent(subject, any -> new ArrayList<>());
    if (!known.contains(schema)) {
      requireReads(subject, schema);
      known.add(schema);
    }
    if (!schemas.contains(schema)) {
      schemas.add(schema);
    }
    return schemas.indexOf(schema) + 1;
  }

  private void requireReads(String subject, Schema schema) {
    latest(subject)
        .filter(
            earlier ->
                SchemaCompatibility.checkReaderWriterCompatibility(schema, earlier).getType()
                    != SchemaCompatibilityType.COMPATIBLE)
        .ifPresent(
            earlier -> {
              throw new IncompatibleSchemaException(subject + " holds " + earlier);
            });
  }

  @Override
  public synchronized Schema schema(int id) {
    if (id < 1 || id > schemas.size()) {
      throw new UnknownSchemaException("no schema with id " + id);
    }
    return schemas.get(id - 1);
  }

  @Override
  public synchronized Optional<Schema> latest(String subject) {
    List<Schema> known = versions.getOrDefault(subject, List.of());
    return known.isEmpty() ? Optional.empty() : Optional.of(known.getLast());
  }
}

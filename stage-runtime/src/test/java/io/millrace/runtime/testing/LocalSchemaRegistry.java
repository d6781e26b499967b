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
  private final Map<String, Schema> latest = new HashMap<>();

  @Override
  public synchronized int register(String subject, Schema schema) {
    Schema earlier = latest.get(subject);
    if (earlier != null
        && SchemaCompatibility.checkReaderWriterCompatibility(schema, earlier).getType()
            != SchemaCompatibilityType.COMPATIBLE) {
      throw new IncompatibleSchemaException(subject + " holds " + earlier);
    }
    latest.put(subject, schema);
    int known = schemas.indexOf(schema);
    if (known >= 0) {
      return known + 1;
    }
    schemas.add(schema);
    return schemas.size();
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
    return Optional.ofNullable(latest.get(subject));
  }
}

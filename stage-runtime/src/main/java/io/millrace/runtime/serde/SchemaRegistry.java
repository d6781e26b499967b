package io.millrace.runtime.serde;

import java.util.Optional;
import org.apache.avro.Schema;

/** Where schemas have their ids. Implementations cache and are thread-safe. */
public interface SchemaRegistry {
  /**
   * Registers a schema and makes its subject keep BACKWARD compatibility.
   *
   * @return the schema's id; the same each time for the same schema
   * @throws IncompatibleSchemaException when readers of {@code schema} could not read records
   *     written with an earlier schema of the subject
   * @throws RegistryUnavailableException when the registry does not answer for longer than the
   *     client waits; {@link RegistryRefusedException} when waiting would not help
   */
  int register(String subject, Schema schema);

  /**
   * The schema with an id.
   *
   * @throws UnknownSchemaException when the registry has no such schema
   * @throws RegistryUnavailableException when the registry does not answer for longer than the
   *     client waits; {@link RegistryRefusedException} when waiting would not help
   */
  Schema schema(int id);

  /**
   * The newest schema of a subject; empty when nothing is registered under it. Not cached.
   *
   * @throws RegistryUnavailableException when the registry does not answer for longer than the
   *     client waits; {@link RegistryRefusedException} when waiting would not help
   */
  Optional<Schema> latest(String subject);
}

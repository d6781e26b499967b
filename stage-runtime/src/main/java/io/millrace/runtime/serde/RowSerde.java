package io.millrace.runtime.serde;

import io.millrace.schemas.Row;
import org.apache.avro.AvroTypeException;
import org.apache.avro.Schema;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Rows of one schema as Kafka keys and values: view rows, keys, state.
 *
 * <p>Writes with the schema, registered under the subject when the first row is written, so that
 * making a serde asks nothing of the registry. Reads what any schema wrote, resolved to this one by
 * Avro's rules. Null is null both ways. Thread-safe.
 *
 * <p>Throws {@link org.apache.kafka.common.errors.SerializationException} for bytes or rows that
 * cannot be converted (poison) and {@link RegistryUnavailableException} when the registry is needed
 * and does not answer (transient), {@link OutdatedSchemaException} for what was written with a type
 * that has become wider since.
 */
public final class RowSerde implements Serde<Row> {
  private final RowEncoder encoder;
  private final RowReaders readers;

  /**
   * A serde.
   *
   * @param subject see {@link io.millrace.schemas.Topics#keySubject} and {@code valueSubject}
   * @param schema an Avro record
   */
  public RowSerde(SchemaRegistry registry, String subject, Schema schema) {
    this.encoder = new RowEncoder(registry, subject, schema);
    this.readers = new RowReaders(registry, writer -> RowData.reader(own(writer, schema), schema));
  }

  /** Avro would read any record that has the same fields, also one of another table. */
  private static Schema own(Schema writer, Schema reader) {
    if (!writer.getFullName().equals(reader.getFullName())) {
      throw new AvroTypeException(
          "a record of %s, not of %s".formatted(writer.getFullName(), reader.getFullName()));
    }
    OutdatedSchemaException.check(writer, reader.getFields());
    return writer;
  }

  @Override
  public Serializer<Row> serializer() {
    return (topic, row) -> row == null ? null : encoder.encode(row);
  }

  @Override
  public Deserializer<Row> deserializer() {
    return (topic, bytes) -> bytes == null ? null : readers.read(bytes);
  }
}

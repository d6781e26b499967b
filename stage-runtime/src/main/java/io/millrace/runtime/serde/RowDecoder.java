package io.millrace.runtime.serde;

import io.millrace.schemas.Row;
import java.util.function.UnaryOperator;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * Decodes records in the schema that they were written with, or in what is wanted of it: for the
 * sink and tools, which follow a topic's schema instead of expecting one. Nested records are rows
 * too. Thread-safe.
 */
public final class RowDecoder {
  private final RowReaders readers;

  /** A decoder of records whose schemas stand in {@code registry}. */
  public RowDecoder(SchemaRegistry registry) {
    this(new RowReaders(registry, writer -> RowData.reader(writer, writer)));
  }

  private RowDecoder(RowReaders readers) {
    this.readers = readers;
  }

  /**
   * A decoder for what only passes values on: its strings are {@link org.apache.avro.util.Utf8},
   * their bytes as they were.
   *
   * @param wanted gives the schema of the rows for a writer's schema: some of its fields; the
   *     others are skipped undecoded. Throws {@link org.apache.avro.AvroRuntimeException} when the
   *     record cannot have them
   */
  public static RowDecoder ofUtf8(SchemaRegistry registry, UnaryOperator<Schema> wanted) {
    return new RowDecoder(
        new RowReaders(registry, writer -> RowData.utf8Reader(writer, wanted.apply(writer))));
  }

  /**
   * Decodes a record.
   *
   * @return its row, whose {@link Row#getSchema()} is the writer's schema, or what is wanted of it,
   *     and the same object for all records with the same schema id; null for null
   * @throws SerializationException when the bytes cannot be read
   * @throws RegistryUnavailableException when the registry is needed and does not answer
   */
  public @Nullable Row decode(byte @Nullable [] bytes) {
    return bytes == null ? null : readers.read(bytes);
  }
}

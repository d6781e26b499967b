package io.millrace.runtime.serde;

import io.millrace.schemas.Row;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/** Decodes records, keeping one compiled reader per writer's schema id. Thread-safe. */
final class RowReaders {
  private static final ThreadLocal<@Nullable BinaryDecoder> DECODERS = new ThreadLocal<>();

  private final SchemaRegistry registry;
  private final Function<Schema, DatumReader<Row>> compile;
  private final Map<Integer, DatumReader<Row>> readers = new ConcurrentHashMap<>();

  /**
   * Readers.
   *
   * @param compile makes the reader of records written with a schema
   */
  RowReaders(SchemaRegistry registry, Function<Schema, DatumReader<Row>> compile) {
    this.registry = registry;
    this.compile = compile;
  }

  /**
   * Decodes a record.
   *
   * @throws SerializationException when the bytes cannot be read
   * @throws RegistryUnavailableException when the registry is needed and does not answer
   * @throws OutdatedSchemaException when a column has become wider than what is read
   */
  Row read(byte[] bytes) {
    int id = WireFormat.schemaId(bytes);
    DatumReader<Row> reader = readers.get(id);
    if (reader == null) {
      reader = compile(id);
    }
    try {
      BinaryDecoder last = DECODERS.get();
      BinaryDecoder decoder =
          DecoderFactory.get()
              .binaryDecoder(bytes, WireFormat.HEADER, bytes.length - WireFormat.HEADER, last);
      if (last == null) {
        DECODERS.set(decoder);
      }
      Row row = reader.read(null, decoder);
      if (!decoder.isEnd()) {
        throw new SerializationException("the record goes on behind what its schema says");
      }
      Text.check(row, bytes);
      return row;
    } catch (IOException | RuntimeException e) {
      throw new SerializationException("the record does not follow its schema, id " + id, e);
    }
  }

  private DatumReader<Row> compile(int id) {
    Schema writer = registry.schema(id);
    try {
      return readers.computeIfAbsent(id, any -> compile.apply(writer));
    } catch (RegistryUnavailableException | OutdatedSchemaException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new SerializationException("records with schema id " + id + " cannot be read here", e);
    }
  }
}

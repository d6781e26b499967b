package io.millrace.runtime.serde;

import io.millrace.schemas.Row;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/** Encodes rows of one schema, registered when the first row comes. Thread-safe. */
final class RowEncoder {
  private static final ThreadLocal<@Nullable Buffer> BUFFERS = new ThreadLocal<>();

  private final SchemaRegistry registry;
  private final String subject;
  private final Schema schema;
  private final RowWriter writer;
  private volatile byte @Nullable [] header;

  RowEncoder(SchemaRegistry registry, String subject, Schema schema) {
    this.registry = registry;
    this.subject = subject;
    this.schema = schema;
    this.writer = new RowWriter(schema);
  }

  private record Buffer(ByteArrayOutputStream bytes, BinaryEncoder encoder) {
    static Buffer create() {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
      return new Buffer(bytes, EncoderFactory.get().binaryEncoder(bytes, null));
    }
  }

  /**
   * Encodes a row.
   *
   * @throws SerializationException when the row does not follow the schema
   * @throws IncompatibleSchemaException when the registry refuses the schema
   * @throws RegistryUnavailableException when the registry is needed and does not answer
   */
  byte[] encode(Row row) {
    byte[] start = header();
    Buffer buffer = BUFFERS.get();
    if (buffer == null) {
      buffer = Buffer.create();
      BUFFERS.set(buffer);
    }
    buffer.bytes.reset();
    buffer.bytes.write(start, 0, start.length);
    try {
      writer.write(row, buffer.encoder);
      buffer.encoder.flush();
    } catch (IOException | RuntimeException e) {
      // Its encoder still holds what this row left: that must not go into the next one.
      BUFFERS.remove();
      throw new SerializationException("a row cannot be written for subject " + subject, e);
    }
    return buffer.bytes.toByteArray();
  }

  private byte[] header() {
    byte[] known = header;
    if (known == null) {
      int id = registry.register(subject, schema);
      known = new byte[] {0, (byte) (id >>> 24), (byte) (id >>> 16), (byte) (id >>> 8), (byte) id};
      header = known;
    }
    return known;
  }
}

package io.millrace.sink.commit;

import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.DataFileDescriptor;
import io.millrace.schemas.Topics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Descriptors as records of the lake-commits topic: the key is the table's identifier in UTF-8, the
 * value Avro in the Confluent wire format. Thread-safe.
 */
public final class DescriptorCodec {
  private static final int HEADER = 5;

  private final SchemaRegistry registry;
  private final String topic;

  /**
   * A codec.
   *
   * @param topic the lake-commits topic
   */
  public DescriptorCodec(SchemaRegistry registry, String topic) {
    this.registry = registry;
    this.topic = topic;
  }

  /** The record that says {@code descriptor}. */
  public ProducerRecord<byte[], byte[]> encode(DataFileDescriptor descriptor) {
    int id = registry.register(Topics.valueSubject(topic), DataFileDescriptor.SCHEMA);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(ByteBuffer.allocate(HEADER).put((byte) 0).putInt(id).array());
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    try {
      new GenericDatumWriter<GenericRecord>(DataFileDescriptor.SCHEMA, new GenericData())
          .write(descriptor.toAvro(), encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ProducerRecord<>(
        topic, descriptor.table().getBytes(StandardCharsets.UTF_8), out.toByteArray());
  }

  /**
   * The descriptor that a record's value says.
   *
   * @throws IllegalArgumentException when it does not say one: the topic holds something foreign
   */
  public DataFileDescriptor decode(byte[] value) {
    if (value.length < HEADER || value[0] != 0) {
      throw new IllegalArgumentException("not in the Confluent wire format");
    }
    int id = ByteBuffer.wrap(value).getInt(1);
    try {
      GenericRecord record =
          new GenericDatumReader<GenericRecord>(
                  registry.schema(id), DataFileDescriptor.SCHEMA, new GenericData())
              .read(
                  null,
                  DecoderFactory.get().binaryDecoder(value, HEADER, value.length - HEADER, null));
      return DataFileDescriptor.fromAvro(record);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

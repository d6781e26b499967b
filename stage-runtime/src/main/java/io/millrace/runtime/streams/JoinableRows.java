package io.millrace.runtime.streams;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.schemas.Row;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Rows that may be the left side of a foreign-key join.
 *
 * <p>Kafka Streams takes an answer of the right side only if the left row still has the hash that
 * it subscribed with, a hash of its bytes. These change when the view is planned anew after a
 * column became wider: another schema id, and another encoding of a float or of what may be null
 * now. So what is hashed are the values alone, alike for an int and the long that it became.
 */
final class JoinableRows {
  /** Kafka Streams serializes for this pseudo topic what it hashes (KTableImpl). */
  private static final String HASHED = "-vh";

  private JoinableRows() {}

  /** The serde, which differs from {@code rows} in nothing but what is hashed. */
  static Serde<Row> serde(Serde<Row> rows) {
    Serializer<Row> serializer = rows.serializer();
    Deserializer<Row> deserializer = rows.deserializer();
    return Serdes.serdeFrom(
        (topic, row) ->
            row != null && topic != null && topic.endsWith(HASHED)
                ? values(row)
                : serializer.serialize(topic, row),
        deserializer);
  }

  /** A row's values, without their types' widths. */
  static byte[] values(Row row) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      for (Object value : row.values()) {
        write(value, out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(@Nullable Object value, DataOutputStream out) throws IOException {
    switch (value) {
      case null -> out.writeByte('0');
      case Boolean truth -> out.writeByte(truth ? 't' : 'f');
      case Integer number -> writeLong('i', number, out);
      case Long number -> writeLong('i', number, out);
      case Float number -> writeLong('d', Double.doubleToLongBits(number), out);
      case Double number -> writeLong('d', Double.doubleToLongBits(number), out);
      case BigDecimal number -> {
        writeLong('n', number.scale(), out);
        writeBytes('u', number.unscaledValue().toByteArray(), out);
      }
      case CharSequence text -> writeBytes('s', text.toString().getBytes(UTF_8), out);
      case ByteBuffer buffer -> {
        byte[] copy = new byte[buffer.remaining()];
        buffer.duplicate().get(copy);
        writeBytes('b', copy, out);
      }
      default ->
          throw new IllegalArgumentException("a view's row holds a " + value.getClass().getName());
    }
  }

  private static void writeLong(char kind, long value, DataOutputStream out) throws IOException {
    out.writeByte(kind);
    out.writeLong(value);
  }

  private static void writeBytes(char kind, byte[] value, DataOutputStream out) throws IOException {
    out.writeByte(kind);
    out.writeInt(value.length);
    out.write(value);
  }
}

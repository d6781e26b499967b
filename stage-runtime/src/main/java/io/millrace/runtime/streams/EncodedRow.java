package io.millrace.runtime.streams;

import io.millrace.schemas.Row;
import java.util.Arrays;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/**
 * A row as it stands in a topic or a state store: the original bytes, and the row, decoded when
 * first asked for. Confined to one thread at a time.
 */
final class EncodedRow {
  private final byte[] bytes;
  private final Deserializer<Row> deserializer;
  private @Nullable Row row;

  private EncodedRow(byte[] bytes, Deserializer<Row> deserializer) {
    this.bytes = bytes;
    this.deserializer = deserializer;
  }

  /**
   * Serde that gives back the bytes it read, so that a topic can be the changelog of a store of its
   * rows.
   */
  static Serde<EncodedRow> serde(Deserializer<Row> deserializer) {
    return Serdes.serdeFrom(
        (topic, encoded) -> encoded == null ? null : encoded.bytes,
        (topic, bytes) -> bytes == null ? null : new EncodedRow(bytes, deserializer));
  }

  Row row() {
    Row known = row;
    if (known == null) {
      known = deserializer.deserialize("", bytes);
      row = known;
    }
    return known;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EncodedRow that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }
}

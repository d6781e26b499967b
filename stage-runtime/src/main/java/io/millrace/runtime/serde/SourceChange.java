package io.millrace.runtime.serde;

import io.millrace.schemas.Row;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A change event as it stands in a topic or a state store: the original bytes, and its row, decoded
 * when first asked for. Confined to one thread at a time.
 */
public final class SourceChange {
  private final byte[] bytes;
  private final SourceChangeReader reader;
  private SourceChangeReader.@Nullable Read read;

  SourceChange(byte[] bytes, SourceChangeReader reader) {
    this.bytes = bytes;
    this.reader = reader;
  }

  /** The event as it was read, not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  /**
   * The row after the change: the projected columns, {@code _source_ts}, {@code _source_pos}; null
   * when the change deleted it.
   *
   * @throws org.apache.kafka.common.errors.SerializationException when the bytes cannot be read
   */
  public @Nullable Row row() {
    return read().after();
  }

  /**
   * When the source committed the change, also when it deleted the row: microseconds since the
   * epoch.
   *
   * @throws org.apache.kafka.common.errors.SerializationException when the bytes cannot be read
   */
  public long sourceMicros() {
    return read().sourceMicros();
  }

  private SourceChangeReader.Read read() {
    SourceChangeReader.Read known = read;
    if (known == null) {
      known = reader.read(bytes);
      read = known;
    }
    return known;
  }

  /** Whether both are the same bytes. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SourceChange that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }
}

package io.millrace.runtime.streams;

import io.millrace.schemas.Row;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * How large a row is as a record: no less than its Avro encoding. A row that is too large must be
 * found before it is sent, for the transaction of a record that the producer refuses is lost.
 */
final class RowSize {
  /** Schema ids, and what Kafka adds to a key and a value. */
  private static final int FRAMING = 512;

  private static final int LONGEST_NUMBER = 11;

  private RowSize() {}

  /**
   * Checks a row.
   *
   * @throws IllegalArgumentException when key and row take more than {@code most} bytes
   */
  static void check(Row key, Row row, int most) {
    long size = FRAMING + size(key) + size(row);
    if (size > most) {
      throw new IllegalArgumentException(
          "the row is %d bytes, more than max.request.size (%d) lets through"
              .formatted(size, most));
    }
  }

  private static long size(Row row) {
    long size = 0;
    for (Object value : row.values()) {
      size += size(value);
    }
    return size;
  }

  private static long size(@Nullable Object value) {
    return switch (value) {
      case null -> 1;
      case String text -> LONGEST_NUMBER + utf8(text);
      case ByteBuffer bytes -> LONGEST_NUMBER + bytes.remaining();
      // Half a byte a digit, and the sign.
      case BigDecimal number -> LONGEST_NUMBER + number.precision() / 2 + 2;
      default -> LONGEST_NUMBER;
    };
  }

  /** Bytes in UTF-8, at most; exact where that matters. */
  private static long utf8(String text) {
    int length = text.length();
    if (length < 1024) {
      return 3L * length;
    }
    long size = 0;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      // Each half of a surrogate pair is half of four bytes.
      size += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return size;
  }
}

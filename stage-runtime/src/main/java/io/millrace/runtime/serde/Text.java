package io.millrace.runtime.serde;

import io.millrace.schemas.Row;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.apache.avro.util.Utf8;
import org.apache.kafka.common.errors.SerializationException;

/**
 * Whether the strings of a decoded record are text. Avro takes any bytes: as {@link Utf8} they
 * would go on to where no reader can read them, as {@link String} what is no UTF-8 becomes U+FFFD.
 */
final class Text {
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long NOT_ASCII = 0x8080808080808080L;
  private static final char REPLACEMENT = '\uFFFD';

  private Text() {}

  /**
   * Checks a row and the rows in it.
   *
   * @param encoded the record that it was decoded from
   * @throws SerializationException when a string is not valid UTF-8
   */
  static void check(Row row, byte[] encoded) {
    int replaced = replaced(row);
    if (replaced > 0 && replaced > replacements(encoded)) {
      throw new SerializationException("a string of the record is not valid UTF-8");
    }
  }

  /** How often {@link #REPLACEMENT} stands in the row's strings: seldom because it was written. */
  private static int replaced(Row row) {
    int found = 0;
    for (Object value : row.values()) {
      found +=
          switch (value) {
            case String text -> count(text);
            case Utf8 text -> {
              if (!isValid(text.getBytes(), text.getByteLength())) {
                throw new SerializationException("a string of the record is not valid UTF-8");
              }
              yield 0;
            }
            case Row inner -> replaced(inner);
            case null, default -> 0;
          };
    }
    return found;
  }

  private static int count(String text) {
    int found = 0;
    for (int at = text.indexOf(REPLACEMENT); at >= 0; at = text.indexOf(REPLACEMENT, at + 1)) {
      found++;
    }
    return found;
  }

  /** How often the record holds U+FFFD itself. */
  private static int replacements(byte[] encoded) {
    int found = 0;
    for (int i = 2; i < encoded.length; i++) {
      if (encoded[i] == (byte) 0xbd
          && encoded[i - 1] == (byte) 0xbf
          && encoded[i - 2] == (byte) 0xef) {
        found++;
      }
    }
    return found;
  }

  /** Whether bytes are UTF-8 as Unicode defines it (table 3-7): shortest forms, no surrogates. */
  static boolean isValid(byte[] bytes, int length) {
    int i = 0;
    while (i + Long.BYTES <= length && ((long) EIGHT.get(bytes, i) & NOT_ASCII) == 0) {
      i += Long.BYTES;
    }
    while (i < length) {
      int size = sequence(bytes, i, length);
      if (size == 0) {
        return false;
      }
      i += size;
    }
    return true;
  }

  /** Bytes of the code point at a place; 0 when there is none. */
  private static int sequence(byte[] bytes, int at, int length) {
    int first = bytes[at];
    if (first >= 0) {
      return 1;
    }
    int size = first < (byte) 0xe0 ? 2 : first < (byte) 0xf0 ? 3 : 4;
    if (first < (byte) 0xc2 || first > (byte) 0xf4 || at + size > length) {
      return 0;
    }
    for (int i = 1; i < size; i++) {
      if ((bytes[at + i] & 0xc0) != 0x80) {
        return 0;
      }
    }
    int second = bytes[at + 1] & 0xff;
    boolean shortest =
        switch (first & 0xff) {
          case 0xe0 -> second >= 0xa0;
          case 0xed -> second < 0xa0;
          case 0xf0 -> second >= 0x90;
          case 0xf4 -> second < 0x90;
          default -> true;
        };
    return shortest ? size : 0;
  }
}

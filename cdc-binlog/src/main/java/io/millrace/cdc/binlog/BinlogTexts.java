package io.millrace.cdc.binlog;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.sql.Blob;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Texts and bytes, as the log and as the driver give them. */
final class BinlogTexts {
  private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");
  private static final char REPLACEMENT = '\ufffd';
  private static final int UUID_BYTES = 16;

  private BinlogTexts() {}

  static @Nullable String text(@Nullable Object value, String charset) {
    return switch (value) {
      case null -> null;
      case String text -> text;
      case byte[] bytes -> decoded(bytes, charset);
      default -> throw Unexpected.value("a text", value);
    };
  }

  /**
   * The server's latin1 is windows-1252, with the five bytes that has not as control characters.
   */
  private static String decoded(byte[] bytes, String charset) {
    if (!charset.equals("latin1")) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
    String text = new String(bytes, WINDOWS_1252);
    if (text.indexOf(REPLACEMENT) < 0) {
      return text;
    }
    StringBuilder whole = new StringBuilder(text);
    for (int i = 0; i < bytes.length; i++) {
      if (whole.charAt(i) == REPLACEMENT) {
        whole.setCharAt(i, (char) (bytes[i] & 0xff));
      }
    }
    return whole.toString();
  }

  /**
   * Bytes; the log leaves the zeros at the end of a BINARY out.
   *
   * @param length of a BINARY; otherwise 0
   */
  static byte @Nullable [] bytes(@Nullable Object value, int length) {
    byte[] bytes =
        switch (value) {
          case null -> null;
          case byte[] array -> array;
          case ByteBuffer buffer -> {
            byte[] copy = new byte[buffer.remaining()];
            buffer.duplicate().get(copy);
            yield copy;
          }
          case Blob blob -> bytes(blob);
          case String text -> text.getBytes(StandardCharsets.UTF_8);
          default -> throw Unexpected.value("bytes", value);
        };
    return bytes == null || bytes.length >= length ? bytes : Arrays.copyOf(bytes, length);
  }

  private static byte[] bytes(Blob blob) {
    try {
      return blob.getBytes(1, Math.toIntExact(blob.length()));
    } catch (SQLException e) {
      throw new IllegalStateException("a blob of the snapshot cannot be read", e);
    }
  }

  /** A UUID: from a snapshot as text; from the log as sixteen bytes, without zeros at the end. */
  static @Nullable String uuid(@Nullable Object value) {
    if (value instanceof byte[] bytes) {
      ByteBuffer whole = ByteBuffer.wrap(Arrays.copyOf(bytes, UUID_BYTES));
      return new UUID(whole.getLong(), whole.getLong()).toString();
    }
    return switch (value) {
      case null -> null;
      case String text -> text;
      case UUID uuid -> uuid.toString();
      default -> throw Unexpected.value("a uuid", value);
    };
  }
}

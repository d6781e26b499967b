package io.millrace.cdc.mysql;

import com.github.shyiko.mysql.binlog.event.deserialization.json.JsonBinary;
import com.github.shyiko.mysql.binlog.event.deserialization.json.JsonFormatter;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A JSON value in the log's binary form, as the text that the server itself makes of it: a snapshot
 * reads that text, and the stream has to say the same.
 *
 * <p>Dates and times, which JSON has only by a CAST, are read here: the library loses the sign of a
 * time, and minutes of later centuries.
 */
final class MySqlJson extends JsonBinary {
  private static final int MICRO_BITS = 24;

  private final JsonText text = new JsonText();

  private MySqlJson(byte[] bytes) {
    super(bytes);
  }

  static String text(byte[] bytes) {
    if (bytes.length == 0) {
      // What rows of before have in a column that was added NOT NULL.
      return "null";
    }
    MySqlJson json = new MySqlJson(bytes);
    try {
      json.parse(json.text);
    } catch (IOException e) {
      throw new UncheckedIOException("A JSON value of the log cannot be read", e);
    }
    return json.text.toString();
  }

  @Override
  protected void parseDate(JsonFormatter formatter) throws IOException {
    text.quoted(date(readInt64() >> MICRO_BITS));
  }

  @Override
  protected void parseDatetime(JsonFormatter formatter) throws IOException {
    long packed = readInt64();
    long value = packed >> MICRO_BITS;
    text.quoted(date(value) + " " + time(value & (1 << 17) - 1, packed));
  }

  @Override
  protected void parseTime(JsonFormatter formatter) throws IOException {
    long packed = readInt64();
    long size = Math.abs(packed);
    text.quoted((packed < 0 ? "-" : "") + time(size >> MICRO_BITS, size));
  }

  private static String date(long value) {
    long yearMonth = value >> 22;
    return "%04d-%02d-%02d".formatted(yearMonth / 13, yearMonth % 13, value >> 17 & 31);
  }

  private static String time(long value, long packed) {
    return "%02d:%02d:%02d.%06d"
        .formatted(value >> 12, value >> 6 & 63, value & 63, packed & (1 << MICRO_BITS) - 1);
  }
}

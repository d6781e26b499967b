package io.millrace.local.lake;

import java.math.BigDecimal;
import java.sql.Blob;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** A value of a result as text, exactly. */
final class CellText {
  private CellText() {}

  /** Instants as ISO 8601 in UTC, decimals in full, bytes in hexadecimal; null stays null. */
  static @Nullable String of(@Nullable Object value) throws SQLException {
    return switch (value) {
      case null -> null;
      case OffsetDateTime instant -> DateTimeFormatter.ISO_INSTANT.format(instant);
      case Timestamp time -> local(time.toLocalDateTime());
      case LocalDateTime time -> local(time);
      case BigDecimal number -> number.toPlainString();
      case byte[] bytes -> hex(bytes);
      case Blob blob -> hex(blob.getBytes(1, (int) blob.length()));
      default -> value.toString();
    };
  }

  private static String local(LocalDateTime time) {
    return DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time);
  }

  private static String hex(byte[] bytes) {
    return "\\x" + HexFormat.of().formatHex(bytes);
  }
}

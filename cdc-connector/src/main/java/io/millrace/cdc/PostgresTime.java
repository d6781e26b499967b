package io.millrace.cdc;

import io.debezium.connector.postgresql.connection.DateTimeFormat;
import java.time.Instant;
import java.time.LocalDate;

/** PostgreSQL's ISO output of dates and timestamps, which no default zone or calendar touches. */
final class PostgresTime {
  private static final DateTimeFormat FORMAT = DateTimeFormat.get();

  private static final long MICROS = 1_000_000;
  private static final Instant LAST = Instant.ofEpochSecond(Long.MAX_VALUE / MICROS - 1);

  private PostgresTime() {}

  /** A date: infinity as {@link io.debezium.connector.postgresql.PostgresValueConverter} has it. */
  static LocalDate date(String text) {
    return FORMAT.date(text);
  }

  /**
   * A timestamp with or without zone, as microseconds since the epoch in UTC; infinity as {@link
   * CapturedValues#INFINITE_TIMESTAMP} and its negative.
   */
  static Long micros(String text) {
    if (text.equals("infinity")) {
      return CapturedValues.INFINITE_TIMESTAMP;
    }
    if (text.equals("-infinity")) {
      return CapturedValues.MINUS_INFINITE_TIMESTAMP;
    }
    if (text.indexOf('T') > 0) {
      // Only a column's default, which Debezium has converted before.
      return micros(Instant.parse(text));
    }
    Instant instant =
        hasOffset(text)
            ? FORMAT.timestampWithTimeZoneToOffsetDateTime(text).toInstant()
            : FORMAT.timestampToInstant(text);
    return micros(instant);
  }

  /**
   * Microseconds since the epoch, not by way of nanoseconds, which end in the year 2262. The last
   * thirty years of PostgreSQL's range, whose epoch is 2000, have none: they count as infinite.
   */
  static Long micros(Instant instant) {
    if (instant.isAfter(LAST)) {
      return CapturedValues.INFINITE_TIMESTAMP;
    }
    return instant.getEpochSecond() * MICROS + instant.getNano() / 1_000L;
  }

  /** Of {@code -} only those after the time count: a date has its own. */
  private static boolean hasOffset(String text) {
    return text.indexOf('+') >= 0 || text.indexOf('-', text.indexOf(':')) >= 0;
  }
}

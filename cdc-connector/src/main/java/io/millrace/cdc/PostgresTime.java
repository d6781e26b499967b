package io.millrace.cdc;

import io.debezium.connector.postgresql.connection.DateTimeFormat;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;

/** PostgreSQL's ISO output of dates and timestamps, which no default zone or calendar touches. */
final class PostgresTime {
  private static final DateTimeFormat FORMAT = DateTimeFormat.get();

  private PostgresTime() {}

  /** A date: infinity as {@link io.debezium.connector.postgresql.PostgresValueConverter} has it. */
  static LocalDate date(String text) {
    return FORMAT.date(text);
  }

  /**
   * A timestamp with or without zone, as microseconds since the epoch in UTC; infinity as {@link
   * PostgresValues#INFINITE_TIMESTAMP} and its negative.
   */
  static Long micros(String text) {
    if (text.equals("infinity")) {
      return PostgresValues.INFINITE_TIMESTAMP;
    }
    if (text.equals("-infinity")) {
      return PostgresValues.MINUS_INFINITE_TIMESTAMP;
    }
    Instant instant =
        hasOffset(text)
            ? FORMAT.timestampWithTimeZoneToOffsetDateTime(text).toInstant()
            : FORMAT.timestampToInstant(text);
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  /** Of {@code -} only those after the time count: a date has its own. */
  private static boolean hasOffset(String text) {
    return text.indexOf('+') >= 0 || text.indexOf('-', text.indexOf(':')) >= 0;
  }
}

package io.millrace.cdc.binlog;

import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.Year;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Dates and times, as the log and as the driver give them. A zero date, or one with a zero in it,
 * is null: the log's reader tells it no other way.
 */
final class BinlogTimes {
  /** The last year in which the driver's calendar misses days that the server has. */
  static final int CALENDAR_CHANGED = 1582;

  /** By how much a snapshot's DATETIME up to then is later: as many days whatever the year. */
  static final int SNAPSHOT_YEARS = 2_000;

  /** The nanoseconds that mark it: the server has none. */
  static final int SNAPSHOT_NANOS = 1;

  private static final long MICROS = 1_000_000;
  private static final int MICRO_DIGITS = 6;
  private static final Pattern TIME =
      Pattern.compile("(-?)(\\d+):(\\d\\d):(\\d\\d)(?:\\.(\\d{1,6}))?");

  /** What the log's reader makes of the year 0000, which no other year is. */
  private static final int ZERO_YEAR = 1900;

  private BinlogTimes() {}

  static @Nullable Integer date(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case LocalDate date -> Math.toIntExact(date.toEpochDay());
      case Integer days -> days;
      case String text ->
          text.contains("-00") || text.startsWith("0000")
              ? null
              : Integer.valueOf(Math.toIntExact(LocalDate.parse(text).toEpochDay()));
      default -> throw Unexpected.value("a date", value);
    };
  }

  /** Microseconds of a DATETIME, as if it were in UTC. */
  static @Nullable Long datetime(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case LocalDateTime time -> micros(time.toInstant(ZoneOffset.UTC));
      case Timestamp time -> {
        LocalDateTime local = time.toLocalDateTime();
        boolean early = time.getNanos() % 1_000 == SNAPSHOT_NANOS;
        yield micros((early ? local.minusYears(SNAPSHOT_YEARS) : local).toInstant(ZoneOffset.UTC));
      }
      case Long micros -> micros;
      default -> throw Unexpected.value("a datetime", value);
    };
  }

  /** Microseconds of a TIMESTAMP: from a snapshot as such. Zero is the zero timestamp. */
  static @Nullable Long timestamp(@Nullable Object value) {
    Long micros =
        switch (value) {
          case null -> null;
          case ZonedDateTime time -> micros(time.toInstant());
          case OffsetDateTime time -> micros(time.toInstant());
          case Long number -> number;
          case String text -> micros(OffsetDateTime.parse(text).toInstant());
          default -> throw Unexpected.value("a timestamp", value);
        };
    return micros == null || micros == 0 ? null : micros;
  }

  /** Microseconds of a TIME, which can be negative and longer than a day. */
  static @Nullable Long time(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Duration duration -> micros(duration.getSeconds(), duration.getNano());
      case String text -> time(text);
      case Long micros -> micros;
      default -> throw Unexpected.value("a time", value);
    };
  }

  private static long time(String text) {
    Matcher parts = TIME.matcher(text);
    if (!parts.matches()) {
      throw Unexpected.value("a time", text);
    }
    long seconds =
        (Long.parseLong(parts.group(2)) * 60 + Long.parseLong(parts.group(3))) * 60
            + Long.parseLong(parts.group(4));
    String fraction = parts.group(5) == null ? "" : parts.group(5);
    long micros =
        seconds * MICROS + Long.parseLong(fraction + "0".repeat(MICRO_DIGITS - fraction.length()));
    return parts.group(1).isEmpty() ? micros : -micros;
  }

  static @Nullable Integer year(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Year year -> year.getValue() == ZERO_YEAR ? 0 : year.getValue();
      case Number year -> year.intValue();
      case String text -> Integer.valueOf(text.strip());
      default -> throw Unexpected.value("a year", value);
    };
  }

  private static long micros(Instant instant) {
    return micros(instant.getEpochSecond(), instant.getNano());
  }

  /** The log's reader counts fractions in floating point, which can fall short by a nanosecond. */
  private static long micros(long seconds, int nanos) {
    return seconds * MICROS + (nanos + 500L) / 1_000L;
  }
}

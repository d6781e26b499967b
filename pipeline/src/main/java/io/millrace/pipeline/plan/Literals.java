package io.millrace.pipeline.plan;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlUnknownLiteral;

/** Literals that mean the same here as in PostgreSQL, and their values. */
final class Literals {
  private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
  private static final Pattern TIMESTAMP =
      Pattern.compile("\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?");
  private static final Pattern TIMESTAMPTZ = Pattern.compile(TIMESTAMP.pattern() + " UTC");
  private static final Pattern UUID =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", Pattern.CASE_INSENSITIVE);
  private static final String TYPED =
      "write DATE '2026-01-31', TIMESTAMP '2026-01-31 23:59:59' or TIMESTAMP WITH TIME ZONE"
          + " '2026-01-31 23:59:59 UTC'";

  /** Why a literal is refused, and what to write instead. */
  record Problem(String what, String remedy) {}

  private Literals() {}

  static Optional<Problem> problem(SqlLiteral literal) {
    return switch (literal.getTypeName()) {
      case BOOLEAN, CHAR, NULL, SYMBOL -> Optional.empty();
      case DECIMAL ->
          literal.getValueAs(BigDecimal.class).precision() <= MillraceTypeSystem.MAX_PRECISION
              ? Optional.empty()
              : Optional.of(new Problem("the number is too long", "use at most 38 digits"));
      case DOUBLE, FLOAT, REAL ->
          Optional.of(
              new Problem(
                  "approximate numbers are not supported", "write the number without an exponent"));
      case DATE -> invalid(DATE, text(literal));
      case TIMESTAMP -> invalid(TIMESTAMP, text(literal));
      case TIMESTAMP_TZ -> invalid(TIMESTAMPTZ, text(literal));
      case UNKNOWN -> unknown(literal);
      default ->
          Optional.of(
              new Problem(
                  "a literal of type " + literal.getTypeName() + " is not supported", TYPED));
    };
  }

  /** A literal whose type the parser leaves to the validator, by its tag. */
  private static Optional<Problem> unknown(SqlLiteral literal) {
    return switch (((SqlUnknownLiteral) literal).tag) {
      case "UUID" ->
          UUID.matcher(text(literal)).matches()
              ? Optional.empty()
              : Optional.of(
                  new Problem(
                      "this is not a uuid", "write UUID '01234567-89ab-cdef-0123-456789abcdef'"));
      case "DATE" -> invalid(DATE, text(literal));
      case "TIMESTAMP" -> invalid(TIMESTAMP, text(literal));
      case "TIMESTAMP WITH TIME ZONE" -> invalid(TIMESTAMPTZ, text(literal));
      default -> Optional.of(new Problem("a literal of this type is not supported", TYPED));
    };
  }

  private static String text(SqlLiteral literal) {
    String written = literal.toString();
    return written.substring(written.indexOf('\'') + 1, written.length() - 1);
  }

  private static Optional<Problem> invalid(Pattern pattern, String text) {
    try {
      if (pattern.matcher(text).matches()) {
        if (text.length() == "2026-01-31".length()) {
          date(text);
        } else {
          micros(text);
        }
        return Optional.empty();
      }
    } catch (DateTimeException e) {
      // no such day or time: reported below
    }
    return Optional.of(new Problem("'" + text + "' is not a supported date or time", TYPED));
  }

  /** Days since the epoch. */
  static int date(String text) {
    return Math.toIntExact(LocalDate.parse(text).toEpochDay());
  }

  /** Microseconds since the epoch of a wall-clock time, taken as UTC whether it says so or not. */
  static long micros(String text) {
    LocalDateTime time = LocalDateTime.parse(text.replace(" UTC", "").replace(' ', 'T'));
    return ChronoUnit.MICROS.between(LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC), time);
  }
}

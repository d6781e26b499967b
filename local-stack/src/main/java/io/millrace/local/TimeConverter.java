package io.millrace.local;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Times with their zone, as ISO 8601 has them, or {@code now}. */
final class TimeConverter implements ITypeConverter<Instant> {
  @Override
  public Instant convert(String text) {
    try {
      return text.equals("now") ? Instant.now() : Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new TypeConversionException(
          "'" + text + "' is not a time such as 2026-01-31T12:00:03Z or 2026-01-31T13:00:03+01:00");
    }
  }
}

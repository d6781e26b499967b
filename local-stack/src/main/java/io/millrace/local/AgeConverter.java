package io.millrace.local;

import java.time.Duration;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations as pipeline files write them. */
final class AgeConverter implements ITypeConverter<Duration> {
  private static final Pattern AGE = Pattern.compile("\\d{1,9}[smhd]");

  @Override
  public Duration convert(String text) {
    if (!AGE.matcher(text).matches()) {
      throw new TypeConversionException("'" + text + "' is not a duration such as 90m or 7d");
    }
    return Duration.parse((text.endsWith("d") ? "P" : "PT") + text);
  }
}

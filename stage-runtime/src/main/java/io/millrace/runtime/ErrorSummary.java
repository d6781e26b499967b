package io.millrace.runtime;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import net.logstash.logback.stacktrace.ShortenedThrowableConverter;

/**
 * Shows an error in the log as the classes and messages of it and its causes, on one line. Logback
 * makes it by its name.
 */
public final class ErrorSummary extends ShortenedThrowableConverter {
  @Override
  public String convert(ILoggingEvent event) {
    StringBuilder text = new StringBuilder();
    for (IThrowableProxy error = event.getThrowableProxy();
        error != null;
        error = error.getCause()) {
      text.append(text.isEmpty() ? "" : ", because of ").append(error.getClassName());
      if (error.getMessage() != null) {
        text.append(": ").append(error.getMessage());
      }
    }
    return text.toString();
  }
}

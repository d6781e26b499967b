package io.millrace.runtime;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import net.logstash.logback.stacktrace.ShortenedThrowableConverter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs as one JSON object per line on standard output. Set in code, not found on the class path, so
 * that the libraries beside a stage cannot bring their own; {@code -Dlogback.configurationFile}
 * replaces it.
 */
final class JsonLogging {
  private JsonLogging() {}

  /** Until it is configured: keeps what libraries say of a pipeline file from being printed. */
  static void quieten() {
    if (System.getProperty("logback.configurationFile") == null
        && LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
    }
  }

  static void configure(String pipeline, String stage, boolean stackTraces) {
    if (System.getProperty("logback.configurationFile") != null
        || !(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      return;
    }
    context.reset();
    context.putProperty("pipeline", pipeline);
    context.putProperty("stage", stage);
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    // A system property and not one of the context: those are written with each line.
    System.setProperty(
        "millrace.log.errors",
        (stackTraces ? ShortenedThrowableConverter.class : ErrorSummary.class).getName());
    try (InputStream configuration = JsonLogging.class.getResourceAsStream("logback.xml")) {
      configurator.doConfigure(Objects.requireNonNull(configuration));
    } catch (JoranException e) {
      throw new IllegalStateException("the logging configuration of stage-runtime is wrong", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

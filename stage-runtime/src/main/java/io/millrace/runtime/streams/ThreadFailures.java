package io.millrace.runtime.streams;

import java.time.Clock;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when a stream thread dies: it is replaced after a pause that doubles; after several
 * deaths with little time between them the process stops.
 */
final class ThreadFailures implements StreamsUncaughtExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ThreadFailures.class);
  private static final int MOST = 6;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration QUIET = Duration.ofMinutes(2);

  private final String applicationId;
  private final Consumer<String> fatal;
  private int consecutive;
  private long last;

  ThreadFailures(String applicationId, Consumer<String> fatal) {
    this.applicationId = applicationId;
    this.fatal = fatal;
  }

  @Override
  public StreamThreadExceptionResponse handle(Throwable error) {
    int failure = count();
    if (failure > MOST) {
      fatal.accept(
          applicationId + " failed " + failure + " times in a row, last with: " + describe(error));
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    Duration pause = FIRST_PAUSE.multipliedBy(1L << (failure - 1));
    LOG.warn("A thread of {} failed; replacing it in {}", applicationId, pause, error);
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  private synchronized int count() {
    long now = Clock.systemUTC().millis();
    consecutive = now - last > QUIET.toMillis() ? 1 : consecutive + 1;
    last = now;
    return consecutive;
  }

  static String describe(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getClass().getSimpleName() + ": " + root.getMessage();
  }
}

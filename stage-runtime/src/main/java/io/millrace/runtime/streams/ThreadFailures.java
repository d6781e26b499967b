package io.millrace.runtime.streams;

import io.millrace.runtime.serde.IncompatibleSchemaException;
import io.millrace.runtime.serde.OutdatedSchemaException;
import io.millrace.runtime.serde.RegistryRefusedException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when a stream thread dies: it is replaced after a pause that doubles from death to
 * death; after several in a row, or at once when a new thread could not do better, the process
 * stops. A while without a death ends the row.
 */
final class ThreadFailures implements StreamsUncaughtExceptionHandler {
  static final int MOST = 7;

  /** Longer than a client of the broker or the registry tries before it gives up. */
  static final Duration QUIET = Duration.ofMinutes(2);

  private static final Logger LOG = LoggerFactory.getLogger(ThreadFailures.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

  private final String applicationId;
  private final Consumer<String> fatal;
  private final InstantSource clock;
  private final Consumer<Duration> sleep;
  private int consecutive;
  private long rowEnds;
  private volatile @Nullable String last;

  ThreadFailures(
      String applicationId, Consumer<String> fatal, InstantSource clock, Consumer<Duration> sleep) {
    this.applicationId = applicationId;
    this.fatal = fatal;
    this.clock = clock;
    this.sleep = sleep;
  }

  /** Runs on the dying thread. */
  @Override
  public StreamThreadExceptionResponse handle(Throwable error) {
    String reason = describe(error);
    last = reason;
    int failure = count();
    if (hopeless(error) || failure > MOST) {
      LOG.error("A thread of {} failed", applicationId, error);
      fatal.accept(
          hopeless(error)
              ? applicationId + " cannot go on: " + reason
              : "%s failed %d times in a row, the last time with: %s"
                  .formatted(applicationId, failure, reason));
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    Duration pause = FIRST_PAUSE.multipliedBy(1L << (failure - 1));
    LOG.warn(
        "A thread of {} failed ({} in a row); replacing it in {} ms",
        applicationId,
        failure,
        pause.toMillis(),
        error);
    sleep.accept(pause);
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  private synchronized int count() {
    long now = clock.millis();
    consecutive = now > rowEnds ? 1 : consecutive + 1;
    rowEnds = now + QUIET.toMillis();
    return consecutive;
  }

  /** The latest failure; empty when there was none. */
  Optional<String> last() {
    return Optional.ofNullable(last);
  }

  private static boolean hopeless(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof IncompatibleSchemaException
          || e instanceof OutdatedSchemaException
          || e instanceof RegistryRefusedException
          || e instanceof AuthenticationException
          || e instanceof AuthorizationException
          || e instanceof VirtualMachineError
          || e instanceof LinkageError) {
        return true;
      }
    }
    return false;
  }

  private static String describe(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null
        ? root.getClass().getSimpleName()
        : root.getClass().getSimpleName() + ": " + root.getMessage();
  }
}

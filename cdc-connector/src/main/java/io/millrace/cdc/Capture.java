package io.millrace.cdc;

import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Captures the source until the stage stops: one {@link CaptureRun} after the other, as long as
 * what ends them passes by itself.
 */
final class Capture {
  /** How a connector is that carries changes. */
  static final StageStatus STREAMING = StageStatus.serving("streaming");

  private static final Logger LOG = LoggerFactory.getLogger(Capture.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** A run's turn takes milliseconds, unless Kafka keeps it waiting. */
  private static final Duration STALLED = Duration.ofSeconds(10);

  /** After this many runs that failed for an unknown reason, none of which streamed. */
  private static final int UNKNOWN_FAILURES = 5;

  private final StageContext context;
  private final CdcMetrics metrics;
  private final CdcSettings settings;
  private volatile StageStatus status = StageStatus.starting("not started");
  private volatile long turnNanos = System.nanoTime();
  private volatile boolean stopping;
  private Duration pause = FIRST_PAUSE;
  private int unknownFailures;

  Capture(StageContext context, CdcMetrics metrics, CdcSettings settings) {
    this.context = context;
    this.metrics = metrics;
    this.settings = settings;
  }

  /** How it is now. Called by any thread. */
  StageStatus status() {
    StageStatus now = status;
    Duration waiting = Duration.ofNanos(System.nanoTime() - turnNanos);
    return now.equals(STREAMING) && waiting.compareTo(STALLED) > 0
        ? StageStatus.degraded(
            "Kafka has not answered for %d s: the changes wait in the source's log"
                .formatted(waiting.toSeconds()))
        : now;
  }

  /** Asks {@link #run} to end. Called by any thread. */
  void stop() {
    stopping = true;
  }

  /** Captures until it is told to stop, or someone has to do something. */
  void run() {
    try {
      while (!stopping) {
        if (!runOnce()) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether to go on. */
  private boolean runOnce() throws InterruptedException {
    CaptureRun run = new CaptureRun(context, metrics, settings, this::turned);
    try {
      run.run(() -> !stopping);
      return true;
    } catch (RuntimeException e) {
      if (stopping) {
        LOG.debug("while stopping", e);
        return false;
      }
      if (run.hasStreamed()) {
        pause = FIRST_PAUSE;
        unknownFailures = 0;
      }
      RunFailure failure = RunFailure.of(e, settings.database());
      if (!passes(failure)) {
        LOG.error("cdc-connector stops: {}", failure.message(), e);
        status = StageStatus.failed(failure.message());
        context.fatal().accept(failure.message());
        return false;
      }
      LOG.warn("{}: trying again", failure.message(), e);
      status = StageStatus.degraded(failure.message());
    }
    Thread.sleep(pause);
    Duration longer = pause.multipliedBy(2);
    pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
    return true;
  }

  private void turned(StageStatus now) {
    status = now;
    turnNanos = System.nanoTime();
  }

  private boolean passes(RunFailure failure) {
    return switch (failure.kind()) {
      case DATABASE, KAFKA, REGISTRY -> true;
      case UNKNOWN -> ++unknownFailures < UNKNOWN_FAILURES;
      case FATAL -> false;
    };
  }
}

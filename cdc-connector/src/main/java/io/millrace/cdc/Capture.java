package io.millrace.cdc;

import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Captures the source until the stage stops: while it leads, one {@link CaptureRun} after the
 * other, as long as what ends them passes by itself; otherwise it stands by.
 */
final class Capture {
  /** How a connector is that carries changes. */
  static final StageStatus STREAMING = StageStatus.serving("streaming");

  /** How a connector is that would take over at once. */
  static final StageStatus STANDBY = StageStatus.serving("standby: another cdc-connector captures");

  private static final Logger LOG = LoggerFactory.getLogger(Capture.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** Each begins with reading all of it again. */
  private static final Duration PAUSE_AFTER_TIMEOUT = Duration.ofMinutes(1);

  private static final Duration ENSURE = Duration.ofSeconds(5);
  private static final Duration GLANCE = Duration.ofMillis(500);

  /** A run's turn takes milliseconds, unless Kafka keeps it waiting. */
  private static final Duration STALLED = Duration.ofSeconds(10);

  /** After this many runs that failed for an unknown reason, none of which streamed. */
  private static final int UNKNOWN_FAILURES = 5;

  private final StageContext context;
  private final CdcMetrics metrics;
  private final CapturedSource source;
  private final Leadership leadership;
  private final SnapshotRequests requests = new SnapshotRequests();
  private final SnapshotDesk desk = new SnapshotDesk();
  private volatile StageStatus status = StageStatus.starting("not started");
  private volatile long turnNanos = System.nanoTime();
  private volatile boolean snapshot;
  private volatile boolean stopping;
  private long ensuredNanos = System.nanoTime();
  private Duration pause = FIRST_PAUSE;
  private int unknownFailures;

  Capture(StageContext context, CdcMetrics metrics, CapturedSource source, Leadership leadership) {
    this.context = context;
    this.leadership = leadership;
    this.metrics = metrics;
    this.source = source;
    metrics.snapshots(context.pipeline().source().tables().keySet(), desk);
  }

  /** How it is now. Called by any thread. */
  StageStatus status() {
    Optional<Gap> gap = source.gap();
    if (gap.isPresent()) {
      return StageStatus.degraded("gap: " + gap.get().message());
    }
    StageStatus now = status;
    Duration waiting = Duration.ofNanos(System.nanoTime() - turnNanos);
    return now.equals(STREAMING) && waiting.compareTo(STALLED) > 0
        ? StageStatus.degraded(
            "no progress for %d s: Kafka does not answer, or many rows are truncated or read at once"
                .formatted(waiting.toSeconds()))
        : now.equals(STREAMING) ? streaming() : now;
  }

  private StageStatus streaming() {
    return desk.running()
        .map(
            snapshot ->
                StageStatus.serving(
                    "%s, snapshot of table %s: %d rows of about %d"
                        .formatted(
                            STREAMING.detail(),
                            snapshot.table(),
                            snapshot.rows(),
                            Math.max(snapshot.rows(), snapshot.estimatedRows()))))
        .orElse(STREAMING);
  }

  /** Whether a snapshot of all tables is being taken. Called by any thread. */
  boolean isSnapshot() {
    return snapshot;
  }

  /** Whether this one leads. Called by any thread. */
  boolean leads() {
    return leadership.held();
  }

  /** Where snapshots of single tables can be asked for. */
  SnapshotDesk desk() {
    return desk;
  }

  /**
   * What the database has against a condition of a snapshot.
   *
   * @throws SourceUnreachableException when it does not answer
   */
  Optional<String> problem(TableName table, String condition) {
    return source.problem(table, condition);
  }

  /** Where a new snapshot can be asked for. */
  SnapshotRequests snapshots() {
    return requests;
  }

  /** Asks {@link #run} to end. Called by any thread. */
  void stop() {
    stopping = true;
  }

  /** Captures until it is told to stop, or someone has to do something. */
  void run() {
    try {
      while (!stopping) {
        metrics.leader(leadership.held());
        if (!leadership.held()) {
          standBy();
        } else if (!runOnce()) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      metrics.leader(false);
    }
  }

  private void standBy() throws InterruptedException {
    StageStatus now =
        leadership
            .problem()
            .map(problem -> StageStatus.degraded("Kafka does not let it stand by: " + problem))
            .orElseGet(
                () -> leadership.joined() ? STANDBY : StageStatus.starting("looking who leads"));
    if (now.equals(STANDBY) && !status.equals(STANDBY)) {
      LOG.info("Standing by: another cdc-connector captures");
    }
    status = now;
    if (System.nanoTime() - ensuredNanos > ENSURE.toNanos()) {
      ensuredNanos = System.nanoTime();
      ensureOffsets();
    }
    leadership.await(GLANCE);
  }

  /** No one leads a group whose topic is gone. */
  private void ensureOffsets() {
    try {
      CdcTopics.ensureOffsets(context.pipeline());
    } catch (KafkaException e) {
      LOG.debug("The offsets topic could not be looked at", e);
    } catch (IllegalStateException e) {
      LOG.warn("{}", e.getMessage());
    }
  }

  /** Whether to go on. */
  private boolean runOnce() throws InterruptedException {
    CaptureRun run = new CaptureRun(context, metrics, source, requests, desk, this::turned);
    snapshot = false;
    RunFailure failure;
    try {
      if (leadership.confirm()) {
        run.run(() -> !stopping && leadership.held() && !requests.isPending());
      }
      return true;
    } catch (RuntimeException e) {
      if (stopping) {
        LOG.debug("while stopping", e);
        return false;
      }
      failure = RunFailure.of(e, source);
      LOG.debug("ended by", e);
    }
    if (run.hasStreamed()) {
      pause = FIRST_PAUSE;
      unknownFailures = 0;
    }
    return recover(failure);
  }

  private boolean recover(RunFailure failure) throws InterruptedException {
    switch (failure.kind()) {
      case DATABASE, KAFKA, REGISTRY -> again(failure, pause);
      case TIMED_OUT -> {
        metrics.timedOut();
        again(failure, PAUSE_AFTER_TIMEOUT);
      }
      case FENCED -> {
        LOG.warn("{}: standing by", failure.message());
        leadership.resign();
      }
      case GAP -> awaitSnapshotRequest(failure);
      case UNKNOWN -> {
        if (++unknownFailures >= UNKNOWN_FAILURES) {
          return end(failure);
        }
        again(failure, pause);
      }
      case FATAL -> {
        return end(failure);
      }
    }
    return true;
  }

  private void again(RunFailure failure, Duration after) throws InterruptedException {
    status = StageStatus.degraded(failure.message());
    if (failure.kind() == RunFailure.Kind.TIMED_OUT) {
      LOG.error("{}", failure.message());
    } else {
      LOG.warn("{}: trying again", failure.message());
    }
    long end = System.nanoTime() + after.toNanos();
    while (!stopping && leadership.held() && System.nanoTime() < end) {
      Thread.sleep(GLANCE.toMillis());
    }
    Duration longer = pause.multipliedBy(2);
    pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
  }

  private void awaitSnapshotRequest(RunFailure gap) throws InterruptedException {
    metrics.gap(true);
    LOG.error("{}", gap.message());
    status = StageStatus.degraded("gap: " + gap.message());
    while (!stopping && leadership.held() && !requests.isPending()) {
      Thread.sleep(GLANCE.toMillis());
    }
    metrics.gap(false);
  }

  private boolean end(RunFailure failure) {
    LOG.error("cdc-connector stops: {}", failure.message());
    status = StageStatus.failed(failure.message());
    context.fatal().accept(failure.message());
    return false;
  }

  private void turned(StageStatus now) {
    status = now;
    metrics.gap(source.gap().isPresent());
    snapshot = now.detail().startsWith(CaptureRun.SNAPSHOT);
    turnNanos = System.nanoTime();
  }
}

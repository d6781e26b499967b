package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.SourceTable;
import io.millrace.runtime.Stage;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries the changes of the source database into the pipeline's change topics, exactly once. */
final class CdcStage implements Stage {
  private static final Logger LOG = LoggerFactory.getLogger(CdcStage.class);
  private static final Duration STOP = Duration.ofSeconds(15);
  private static final Duration PAUSE = Duration.ofSeconds(2);

  private final StageContext context;
  private final PipelineFile file;
  private final CdcMetrics metrics;
  private volatile StageStatus status = StageStatus.starting("not started");
  private volatile @Nullable Capture capture;
  private @Nullable Thread thread;
  private @Nullable SourceMonitor monitor;
  private @Nullable Leadership leadership;

  /** A stage that has not started. */
  CdcStage(StageContext context) {
    this.context = context;
    this.file = context.pipeline();
    this.metrics = new CdcMetrics(context.meters());
  }

  @Override
  public void start() throws InterruptedException {
    CdcSettings settings = CdcSettings.of(file);
    status = StageStatus.starting("checking the source database");
    check(settings);
    status = StageStatus.starting("creating topics");
    CdcTopics.ensure(file);
    SlotGuard guard = new SlotGuard(file, settings.slot(), metrics);
    Leadership candidate = new Leadership(file);
    leadership = candidate;
    candidate.start();
    Capture begun = new Capture(context, metrics, settings, candidate, guard);
    capture = begun;
    monitor = new SourceMonitor(file, settings, guard, candidate::held, context.fatal());
    monitor.start();
    thread = Thread.ofPlatform().name("cdc").start(begun::run);
  }

  /** What is wrong with the settings or the database is said at once; a database is waited for. */
  private void check(CdcSettings settings) throws InterruptedException {
    while (true) {
      try {
        SourceCheck.capturable(file, settings);
        return;
      } catch (SourceUnreachableException e) {
        if (!e.mayPass()) {
          throw e;
        }
        LOG.warn("{}: trying again", e.getMessage());
        status = StageStatus.starting(String.valueOf(e.getMessage()));
        Thread.sleep(PAUSE);
      }
    }
  }

  @Override
  public StageStatus status() {
    Capture running = capture;
    return running == null ? status : running.status();
  }

  /** The capture; empty while the stage is starting. */
  Optional<Capture> capture() {
    return Optional.ofNullable(capture);
  }

  @Override
  public String topology() {
    StringBuilder text = new StringBuilder("PostgreSQL, by logical decoding (pgoutput)\n");
    for (SourceTable table : file.source().tables().values()) {
      text.append("  ")
          .append(table.from())
          .append(" -> ")
          .append(file.topicNames().changes(table.name()))
          .append('\n');
    }
    return text.append("  source offsets -> ")
        .append(file.topicNames().cdcOffsets())
        .append("\n  changes without a form -> ")
        .append(file.topicNames().deadLetters(CdcConnector.STAGE))
        .append('\n')
        .toString();
  }

  @Override
  public void close() {
    Capture begun = capture;
    if (begun != null) {
      begun.stop();
    }
    if (monitor != null) {
      monitor.close();
    }
    Thread running = thread;
    if (running != null) {
      try {
        if (!running.join(STOP)) {
          running.interrupt();
          running.join(STOP);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (leadership != null) {
      leadership.close();
    }
  }
}

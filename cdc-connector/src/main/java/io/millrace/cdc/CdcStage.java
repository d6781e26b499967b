package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.SourceTable;
import io.millrace.runtime.Stage;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries the changes of the source database into the pipeline's change topics, exactly once. */
final class CdcStage implements Stage {
  private static final Logger LOG = LoggerFactory.getLogger(CdcStage.class);
  private static final Duration STOP = Duration.ofSeconds(15);
  private static final Duration PAUSE = Duration.ofSeconds(2);

  private final StageContext context;
  private final Function<PipelineFile, CapturedSource> sources;
  private final PipelineFile file;
  private final CdcMetrics metrics;
  private volatile StageStatus status = StageStatus.starting("not started");
  private volatile @Nullable Capture capture;
  private @Nullable Thread thread;
  private @Nullable AutoCloseable monitor;
  private @Nullable Leadership leadership;

  /**
   * A stage that has not started.
   *
   * @param sources the source of a pipeline
   */
  CdcStage(StageContext context, Function<PipelineFile, CapturedSource> sources) {
    this.context = context;
    this.sources = sources;
    this.file = context.pipeline();
    this.metrics = new CdcMetrics(context.meters());
  }

  @Override
  public void start() throws InterruptedException {
    CapturedSource source = sources.apply(file);
    status = StageStatus.starting("checking the source database");
    check(source);
    status = StageStatus.starting("creating topics");
    CdcTopics.ensure(file, source);
    Leadership candidate = new Leadership(file);
    leadership = candidate;
    candidate.start();
    Capture begun = new Capture(context, metrics, source, candidate);
    capture = begun;
    monitor = source.monitor(metrics, candidate::held, context.fatal());
    thread = Thread.ofPlatform().name("cdc").start(begun::run);
  }

  /** What is wrong with the settings or the database is said at once; a database is waited for. */
  private void check(CapturedSource source) throws InterruptedException {
    while (true) {
      try {
        source.capturable();
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

  /** The pipeline's tables: name in the pipeline to name in the database. */
  SortedMap<String, TableName> tables() {
    SortedMap<String, TableName> tables = new TreeMap<>();
    file.source().tables().forEach((name, table) -> tables.put(name, TableName.of(table.from())));
    return tables;
  }

  @Override
  public String topology() {
    StringBuilder text = new StringBuilder(file.source().connector()).append(", by its log\n");
    for (SourceTable table : file.source().tables().values()) {
      text.append("  ")
          .append(table.from())
          .append(" -> ")
          .append(file.topicNames().changes(table.name()))
          .append('\n');
    }
    return text.append("  source offsets -> ")
        .append(CdcTopics.offsets(file))
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
    closeMonitor();
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

  private void closeMonitor() {
    try {
      if (monitor != null) {
        monitor.close();
      }
    } catch (Exception e) {
      LOG.warn("The monitor of the source could not be ended", e);
    }
  }
}

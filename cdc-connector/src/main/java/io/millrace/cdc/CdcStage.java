package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.SourceTable;
import io.millrace.runtime.Stage;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus;
import io.millrace.runtime.TopicAdmin;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Carries the changes of the source database into the pipeline's change topics, exactly once. */
final class CdcStage implements Stage {
  private static final Duration STOP = Duration.ofSeconds(15);

  private final StageContext context;
  private final PipelineFile file;
  private final CdcMetrics metrics;
  private volatile StageStatus status = StageStatus.starting("not started");
  private volatile @Nullable Capture capture;
  private @Nullable Thread thread;
  private @Nullable SourceMonitor monitor;
  private @Nullable TransactionLog log;

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
    SourceTables tables = check(settings);
    status = StageStatus.starting("creating topics and registering schemas");
    createTopics();
    Map<TableName, ChangeTopic> topics = new LinkedHashMap<>();
    for (CapturedTable table : tables.tables()) {
      topics.put(
          table.from(),
          ChangeTopic.register(
              file, context.registry(), table, settings.database().name(), metrics));
    }
    status = StageStatus.starting("taking over from the last cdc-connector");
    TransactionLog opened = TransactionLog.open(file, settings);
    log = opened;
    Capture begun = new Capture(context, metrics, settings, tables.tables(), topics, opened);
    begun.prepare();
    capture = begun;
    monitor = new SourceMonitor(file, settings, metrics, context.fatal());
    monitor.start();
    thread = Thread.ofPlatform().name("cdc").start(begun::run);
  }

  private SourceTables check(CdcSettings settings) {
    try (Connection connection = settings.database().connect()) {
      SourceTables tables = SourceCheck.report(connection, file, settings);
      if (!tables.problems().isEmpty()) {
        throw new IllegalStateException(
            "PostgreSQL at %s cannot be captured:\n- ".formatted(settings.database())
                + String.join("\n- ", tables.problems()));
      }
      return tables;
    } catch (SQLException e) {
      throw new IllegalStateException(
          "PostgreSQL at %s could not be checked: %s"
              .formatted(settings.database(), e.getMessage()),
          e);
    }
  }

  private void createTopics() {
    try (TopicAdmin admin = new TopicAdmin(file)) {
      admin.ensureOffsets(file.topicNames().cdcOffsets());
      admin.ensureDeadLetters(file.topicNames().deadLetters(CdcConnector.STAGE));
      file.source()
          .tables()
          .keySet()
          .forEach(table -> admin.ensureCompacted(file.topicNames().changes(table)));
    }
  }

  @Override
  public StageStatus status() {
    Capture running = capture;
    return running == null ? status : running.status();
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
    if (log != null) {
      log.close();
    }
  }
}

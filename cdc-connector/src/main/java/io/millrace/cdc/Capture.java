package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the source and writes Kafka, until the stage stops. */
final class Capture {
  private static final Logger LOG = LoggerFactory.getLogger(Capture.class);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration SLOT_PATIENCE = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final String DEFAULT_MAX_RECORD = String.valueOf(1 << 20);

  private final StageContext context;
  private final PipelineFile file;
  private final CdcMetrics metrics;
  private final CdcSettings settings;
  private final List<CapturedTable> tables;
  private final Map<TableName, ChangeTopic> topics;
  private final TransactionLog log;
  private final DeadLetters deadLetters;
  private volatile StageStatus status = StageStatus.starting("connecting to the source database");
  private volatile boolean stopping;
  private long brokenSinceNanos;

  Capture(
      StageContext context,
      CdcMetrics metrics,
      CdcSettings settings,
      List<CapturedTable> tables,
      Map<TableName, ChangeTopic> topics,
      TransactionLog log) {
    this.context = context;
    this.file = context.pipeline();
    this.metrics = metrics;
    this.deadLetters = new DeadLetters(file);
    this.settings = settings;
    this.tables = tables;
    this.topics = topics;
    this.log = log;
  }

  /**
   * Makes the source ready to be read from the committed offset on; without one, for a snapshot: a
   * slot that is left from an interrupted one has to go, as only a new slot comes with a snapshot
   * of just the moment at which its changes begin.
   */
  ChangeStream.Config prepare() throws InterruptedException {
    try (Connection connection = settings.database().connect()) {
      settings.publication().ensure(connection);
      Optional<SourceOffset> committed = log.committed();
      if (committed.isPresent()) {
        refuseNewTables(committed.get());
        settings.slot().verify(connection, committed.get());
      } else {
        settings.slot().drop(connection, SLOT_PATIENCE);
      }
      SourceOffset template =
          new SourceOffset(0, 0, ReplicationSlot.system(connection), captured());
      String maxRecord =
          String.valueOf(
              KafkaSettings.client(file, CdcConnector.STAGE)
                  .getOrDefault(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, DEFAULT_MAX_RECORD));
      return new ChangeStream.Config(
          template,
          this::snapshotLsn,
          settings.grouping(),
          settings.groupedBytes(),
          Long.parseLong(maxRecord));
    } catch (SQLException e) {
      throw new IllegalStateException(
          "The replication slot or publication at %s could not be prepared: %s"
              .formatted(settings.database(), e.getMessage()),
          e);
    }
  }

  private SortedMap<String, String> captured() {
    SortedMap<String, String> captured = new TreeMap<>();
    tables.forEach(table -> captured.put(table.name(), table.from().toString()));
    return captured;
  }

  private void refuseNewTables(SourceOffset committed) {
    captured()
        .forEach(
            (name, from) -> {
              if (!from.equals(committed.tables().get(name))) {
                throw new IllegalStateException(
                    "Table %s (%s) was added after the initial snapshot, and a snapshot of one"
                            .formatted(name, from)
                        + " table cannot be taken yet: remove it from source.tables, or start a"
                        + " pipeline under a new name");
              }
            });
  }

  /** Before any change the slot will send: those of older transactions stand before its start. */
  private long snapshotLsn() {
    try (Connection connection = settings.database().connect()) {
      return settings
          .slot()
          .state(connection)
          .orElseThrow(
              () ->
                  new IllegalStateException(
                      "Replication slot %s is gone in the midst of the snapshot"
                          .formatted(settings.slot().name())))
          .restartLsn();
    } catch (SQLException e) {
      throw new IllegalStateException("The replication slot could not be read", e);
    }
  }

  /** How it is now. Called by any thread. */
  StageStatus status() {
    return status;
  }

  /** Asks {@link #run} to end. Called by any thread. */
  void stop() {
    stopping = true;
  }

  /** Captures until it is told to stop; a lost database is waited for, another failure ends it. */
  void run() {
    Duration pause = FIRST_PAUSE;
    while (!stopping) {
      try {
        capture();
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException e) {
        if (stopping || !mayRetry(e)) {
          fail(e);
          return;
        }
      }
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      Duration longer = pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
    }
  }

  private void capture() throws InterruptedException {
    ChangeStream stream =
        new ChangeStream(
            prepare(),
            log,
            deadLetters,
            metrics,
            topics,
            file.pipeline() + ".transaction",
            System::nanoTime);
    try (DebeziumSource source =
        new DebeziumSource(settings, file.pipeline(), tables, log::committed)) {
      source.start();
      while (!stopping) {
        List<SourceRecord> records = source.poll();
        if (stream.accept(records)) {
          source.confirm();
        }
        report(stream);
      }
      stream.finish();
    } finally {
      log.abort();
    }
  }

  private void report(ChangeStream stream) {
    brokenSinceNanos = 0;
    if (stream.isSnapshot()) {
      status = StageStatus.degraded("initial snapshot: " + stream.snapshotRows() + " rows so far");
    } else if (status.state() != StageStatus.State.SERVING) {
      status = StageStatus.serving("streaming");
      LOG.info(
          "Streaming from {}: Kafka has the source up to {}",
          settings.database(),
          log.committed().map(SourceOffset::lsnText).orElse(""));
    }
  }

  /** A database that went away comes back; what else breaks stays broken. */
  private boolean mayRetry(RuntimeException e) {
    if (!DatabaseFailures.isTransient(e)) {
      return false;
    }
    if (brokenSinceNanos == 0) {
      brokenSinceNanos = System.nanoTime();
    }
    if (System.nanoTime() - brokenSinceNanos > PATIENCE.toNanos()) {
      return false;
    }
    String reason = DatabaseFailures.message(e);
    status = StageStatus.degraded("the source database does not answer: " + reason);
    LOG.warn(
        "The source database at {} does not answer ({}): trying again",
        settings.database(),
        reason);
    return true;
  }

  private void fail(RuntimeException e) {
    if (stopping) {
      LOG.debug("while stopping", e);
      return;
    }
    String message =
        switch (e) {
          case TransactionLog.FencedException fenced -> String.valueOf(fenced.getMessage());
          case ConnectException source -> sourceFailed(source);
          case KafkaException kafka ->
              "Kafka does not take the changes (%s): what was not committed is read again after a"
                      .formatted(kafka.getMessage())
                  + " restart";
          case IllegalStateException known -> String.valueOf(known.getMessage());
          default -> sourceFailed(e);
        };
    LOG.error("cdc-connector stops: {}", message, e);
    status = StageStatus.failed(message);
    context.fatal().accept(message);
  }

  private String sourceFailed(RuntimeException e) {
    return "Capturing %s failed: %s".formatted(settings.database(), DatabaseFailures.message(e));
  }
}

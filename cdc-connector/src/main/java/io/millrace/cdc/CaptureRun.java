package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of the source into Kafka: takes over from whoever wrote before, reads the offset that is
 * committed, and carries what follows, until it is told to end or something fails. A failure leaves
 * nothing to repair: the next run begins the same way.
 *
 * <p>Used by one thread.
 */
final class CaptureRun {
  private static final Logger LOG = LoggerFactory.getLogger(CaptureRun.class);
  private static final Duration SLOT_PATIENCE = Duration.ofSeconds(30);
  private static final String DEFAULT_MAX_RECORD = String.valueOf(1 << 20);

  private final StageContext context;
  private final PipelineFile file;
  private final CdcMetrics metrics;
  private final CdcSettings settings;
  private final Consumer<StageStatus> status;
  private boolean streaming;

  /**
   * A run that has not begun.
   *
   * @param status is told how it goes, at every turn
   */
  CaptureRun(
      StageContext context,
      CdcMetrics metrics,
      CdcSettings settings,
      Consumer<StageStatus> status) {
    this.context = context;
    this.file = context.pipeline();
    this.metrics = metrics;
    this.settings = settings;
    this.status = status;
  }

  /** Whether it came as far as to stream. */
  boolean hasStreamed() {
    return streaming;
  }

  /** Runs as long as {@code wanted}. */
  void run(BooleanSupplier wanted) throws InterruptedException {
    status.accept(StageStatus.starting("checking the source database"));
    List<CapturedTable> tables = SourceCheck.capturable(file, settings);
    status.accept(StageStatus.starting("creating topics and registering schemas"));
    CdcTopics.ensure(file);
    Map<TableName, ChangeTopic> topics = register(tables);
    status.accept(StageStatus.starting("taking over from the last cdc-connector"));
    try (TransactionLog log = TransactionLog.open(file, settings)) {
      ChangeStream.Config config = prepare(log, tables);
      LiveKeys rows = new LiveKeys(file, log);
      try (TableSnapshots snapshots = snapshots(log, rows, tables, topics);
          ShapeWatch watch = new ShapeWatch(settings, tables, snapshots)) {
        ChangeStream stream =
            new ChangeStream(
                config,
                log,
                rows,
                snapshots,
                new DeadLetters(file),
                metrics,
                topics,
                file.pipeline() + ".transaction",
                System::nanoTime);
        carry(log, tables, stream, watch, wanted);
      }
    }
  }

  private void carry(
      TransactionLog log,
      List<CapturedTable> tables,
      ChangeStream stream,
      ShapeWatch watch,
      BooleanSupplier wanted)
      throws InterruptedException {
    try (DebeziumSource source =
        new DebeziumSource(settings, file.pipeline(), tables, log::committed)) {
      source.start();
      while (wanted.getAsBoolean()) {
        List<SourceRecord> records = source.poll();
        if (stream.accept(records)) {
          source.confirm();
        }
        if (report(stream, log)) {
          watch.start();
        }
      }
      stream.finish();
      log.abort();
    }
  }

  private boolean isWritten(LiveKeys rows, String table) {
    return rows.ends(file.topicNames().changes(table)).values().stream().anyMatch(end -> end > 0);
  }

  private TableSnapshots snapshots(
      TransactionLog log,
      LiveKeys rows,
      List<CapturedTable> tables,
      Map<TableName, ChangeTopic> topics) {
    try (Connection connection = settings.database().connect()) {
      Map<String, String> shapes = new LinkedHashMap<>();
      for (CapturedTable table : tables) {
        shapes.put(table.name(), TableShape.read(connection, table.from()).toString());
      }
      return new TableSnapshots(
          settings,
          topics,
          rows,
          TableSnapshots.states(
              log.committed(), captured(tables), shapes, name -> isWritten(rows, name)),
          ReplicationSlot.insertLsn(connection));
    } catch (SQLException e) {
      throw new IllegalStateException(
          "The columns of the tables at %s could not be read: %s"
              .formatted(settings.database(), e.getMessage()),
          e);
    }
  }

  private Map<TableName, ChangeTopic> register(List<CapturedTable> tables) {
    Map<TableName, ChangeTopic> topics = new LinkedHashMap<>();
    for (CapturedTable table : tables) {
      topics.put(
          table.from(),
          ChangeTopic.register(
              file, context.registry(), table, settings.database().name(), metrics));
    }
    return topics;
  }

  /**
   * Makes the source ready to be read from the committed offset on; without one, for a snapshot: a
   * slot that is left from an interrupted one has to go, as only a new slot comes with a snapshot
   * of just the moment at which its changes begin.
   */
  private ChangeStream.Config prepare(TransactionLog log, List<CapturedTable> tables)
      throws InterruptedException {
    try (Connection connection = settings.database().connect()) {
      settings.publication().ensure(connection);
      Optional<SourceOffset> committed = log.committed();
      if (committed.isPresent()) {
        settings.slot().free(connection, SLOT_PATIENCE);
        settings.slot().verify(connection, committed.get());
      } else {
        settings.slot().drop(connection, SLOT_PATIENCE);
      }
      SourceOffset template =
          new SourceOffset(0, 0, ReplicationSlot.system(connection), captured(tables));
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

  private static SortedMap<String, String> captured(List<CapturedTable> tables) {
    SortedMap<String, String> captured = new TreeMap<>();
    tables.forEach(table -> captured.put(table.name(), table.from().toString()));
    return captured;
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

  /** Whether it is the first time that it streams. */
  private boolean report(ChangeStream stream, TransactionLog log) {
    if (stream.isSnapshot()) {
      status.accept(
          StageStatus.degraded("initial snapshot: " + stream.snapshotRows() + " rows so far"));
      return false;
    }
    status.accept(Capture.STREAMING);
    if (streaming) {
      return false;
    }
    streaming = true;
    LOG.info(
        "Streaming from {}: Kafka has the source up to {}",
        settings.database(),
        log.committed().map(SourceOffset::lsnText).orElse(""));
    return true;
  }
}

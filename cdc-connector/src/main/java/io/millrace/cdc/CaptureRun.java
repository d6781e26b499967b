package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
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
  /** How the status begins while a snapshot of all tables is being taken. */
  static final String SNAPSHOT = "snapshot: ";

  private static final Logger LOG = LoggerFactory.getLogger(CaptureRun.class);
  private static final Duration CHECK = Duration.ofSeconds(5);

  private final StageContext context;
  private final PipelineFile file;
  private final CdcMetrics metrics;
  private final CdcSettings settings;
  private final Consumer<StageStatus> status;
  private final SlotGuard guard;
  private final SnapshotRequests requests;
  private boolean streaming;
  private long checkedNanos;

  /**
   * A run that has not begun.
   *
   * @param guard knows whether the slot was given up
   * @param requests for a new snapshot
   * @param status is told how it goes, at every turn
   */
  CaptureRun(
      StageContext context,
      CdcMetrics metrics,
      CdcSettings settings,
      SlotGuard guard,
      SnapshotRequests requests,
      Consumer<StageStatus> status) {
    this.guard = guard;
    this.requests = requests;
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

  /** Whether to go on. */
  @FunctionalInterface
  private interface Wanted {
    boolean now() throws InterruptedException;
  }

  /** Runs as long as {@code wanted}. */
  void run(BooleanSupplier wanted) throws InterruptedException {
    status.accept(StageStatus.starting("checking the source database"));
    List<CapturedTable> tables = SourceCheck.capturable(file, settings);
    status.accept(StageStatus.starting("creating topics and registering schemas"));
    CdcTopics.ensure(file);
    Map<TableName, ChangeTopic> topics = register(tables);
    status.accept(StageStatus.starting("taking over from the last cdc-connector"));
    try (TransactionLog log = TransactionLog.open(file, settings);
        TopicIds ids = new TopicIds(file)) {
      GapCheck gaps = new GapCheck(file, settings, ids);
      LiveKeys rows = new LiveKeys(file, log);
      ChangeStream.Config config =
          new StartingPoint(file, settings, log, rows, gaps, guard, requests)
              .find(tables, topics.values());
      try (TableSnapshots snapshots = snapshots(config, log, rows, tables, topics);
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
        Footing footing = config.offsetTemplate().footing();
        carry(log, tables, stream, watch, () -> wanted.getAsBoolean() && holds(gaps, footing));
      }
    }
  }

  private void carry(
      TransactionLog log,
      List<CapturedTable> tables,
      ChangeStream stream,
      ShapeWatch watch,
      Wanted wanted)
      throws InterruptedException {
    try (DebeziumSource source =
        new DebeziumSource(settings, file.pipeline(), tables, log::resumable)) {
      source.start();
      checkedNanos = System.nanoTime();
      boolean begun = stream.isSnapshot();
      while (wanted.now()) {
        List<SourceRecord> records = source.poll();
        if (!begun && !records.isEmpty()) {
          if (isReplaced(log)) {
            return;
          }
          begun = true;
        }
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

  /**
   * Whether the slot that is read from now is not the one that was there: Debezium makes a new one
   * when it finds none, and what that leaves out the next run says.
   */
  private boolean isReplaced(TransactionLog log) {
    try (Connection connection = settings.database().connect()) {
      return settings.slot().missing(connection, log.committed().orElseThrow()).isPresent();
    } catch (SQLException e) {
      throw new IllegalStateException("The replication slot could not be read", e);
    }
  }

  /** From time to time looks whether changes are left out; what that means the next run finds. */
  private boolean holds(GapCheck gaps, Footing footing) throws InterruptedException {
    if (System.nanoTime() - checkedNanos < CHECK.toNanos()) {
      return true;
    }
    try (Connection connection = settings.database().connect()) {
      boolean holds = gaps.holds(footing, connection);
      checkedNanos = System.nanoTime();
      return holds;
    } catch (SQLException e) {
      throw new IllegalStateException("The publication could not be read", e);
    }
  }

  private boolean isWritten(LiveKeys rows, String table) {
    return rows.ends(file.topicNames().changes(table)).values().stream().anyMatch(end -> end > 0);
  }

  /** With a snapshot of everything the tables begin anew. */
  private TableSnapshots snapshots(
      ChangeStream.Config config,
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
              config.snapshot() == null ? log.committed() : Optional.empty(),
              config.offsetTemplate().tables(),
              shapes,
              name -> isWritten(rows, name)),
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

  /** Whether it is the first time that it streams. */
  private boolean report(ChangeStream stream, TransactionLog log) {
    if (stream.isSnapshot()) {
      status.accept(StageStatus.degraded(SNAPSHOT + stream.snapshotRows() + " rows so far"));
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

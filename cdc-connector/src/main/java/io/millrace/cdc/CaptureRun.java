package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  /** How the status begins while a snapshot of all tables is being taken. */
  static final String SNAPSHOT = "snapshot: ";

  private static final Logger LOG = LoggerFactory.getLogger(CaptureRun.class);
  private static final String DEFAULT_MAX_RECORD = String.valueOf(1 << 20);

  private final StageContext context;
  private final PipelineFile file;
  private final CdcMetrics metrics;
  private final CapturedSource source;
  private final SnapshotRequests requests;
  private final SnapshotDesk desk;
  private final Consumer<StageStatus> status;
  private boolean streaming;

  /**
   * A run that has not begun.
   *
   * @param requests for a new snapshot
   * @param desk where snapshots of single tables are asked for
   * @param status is told how it goes, at every turn
   */
  CaptureRun(
      StageContext context,
      CdcMetrics metrics,
      CapturedSource source,
      SnapshotRequests requests,
      SnapshotDesk desk,
      Consumer<StageStatus> status) {
    this.context = context;
    this.file = context.pipeline();
    this.metrics = metrics;
    this.source = source;
    this.requests = requests;
    this.desk = desk;
    this.status = status;
  }

  /** Whether it came as far as to stream. */
  boolean hasStreamed() {
    return streaming;
  }

  /** Runs as long as {@code wanted}. */
  void run(BooleanSupplier wanted) throws InterruptedException {
    status.accept(StageStatus.starting("checking the source database"));
    List<CapturedTable> tables = source.capturable();
    status.accept(StageStatus.starting("creating topics and registering schemas"));
    CdcTopics.ensure(file, source);
    Map<TableName, ChangeTopic> topics = register(tables);
    status.accept(StageStatus.starting("taking over from the last cdc-connector"));
    try (TransactionLog log = TransactionLog.open(file, source.settings())) {
      LiveKeys rows = new LiveKeys(file, log);
      try (SourceRun run =
          source.begin(new SourceRun.Parts(file, log, rows, tables, topics, requests, desk))) {
        SchemaHistoryTopic history = new SchemaHistoryTopic(file);
        boolean goesOn = source.hasHistory() && run.start().snapshot() == null;
        List<byte[]> statements = goesOn ? history.read() : List.of();
        try (SourceReader reader = source.reader(run.tables(), log::resumable, statements)) {
          ChangeStream stream =
              new ChangeStream(
                  config(run.start(), history),
                  reader,
                  log,
                  rows,
                  run.snapshots(),
                  new DeadLetters(file),
                  metrics,
                  topics,
                  file.pipeline() + ".transaction",
                  System::nanoTime);
          carry(log, run, reader, stream, wanted);
        }
      }
    }
  }

  private void carry(
      TransactionLog log,
      SourceRun run,
      SourceReader reader,
      ChangeStream stream,
      BooleanSupplier wanted)
      throws InterruptedException {
    reader.start();
    boolean begun = stream.isSnapshot();
    while (wanted.getAsBoolean() && run.holds()) {
      List<SourceRecord> records = reader.poll();
      if (!begun && !records.isEmpty()) {
        if (run.isReplaced()) {
          return;
        }
        begun = true;
      }
      if (stream.accept(records)) {
        reader.confirm();
      }
      if (report(stream, log)) {
        run.streaming();
      }
    }
    stream.finish();
    log.abort();
  }

  private Map<TableName, ChangeTopic> register(List<CapturedTable> tables) {
    Map<TableName, ChangeTopic> topics = new LinkedHashMap<>();
    for (CapturedTable table : tables) {
      topics.put(
          table.from(), ChangeTopic.register(file, context.registry(), table, source, metrics));
    }
    return topics;
  }

  private ChangeStream.Config config(SourceRun.Start start, SchemaHistoryTopic history) {
    String maxRecord =
        String.valueOf(
            KafkaSettings.client(file, CdcConnector.STAGE)
                .getOrDefault(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, DEFAULT_MAX_RECORD));
    return new ChangeStream.Config(
        start.offset(),
        start.snapshot(),
        history,
        source.settings().grouping(),
        source.settings().groupedBytes(),
        Long.parseLong(maxRecord));
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
        source,
        log.committed().map(SourceOffset::placeText).orElse(""));
    return true;
  }
}

package io.millrace.cdc.binlog;

import io.debezium.relational.history.SchemaHistory;
import io.millrace.cdc.CapturedTable;
import io.millrace.cdc.SourceBlock;
import io.millrace.cdc.SourceOffset;
import io.millrace.cdc.SourceReader;
import io.millrace.cdc.TableName;
import io.millrace.cdc.TaskContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;

/**
 * A Debezium connector for a binary log, run as its one Connect task without Debezium's engine
 * around it.
 *
 * <p>Used by one thread.
 */
final class BinlogReader implements SourceReader {
  private static final Duration SILENCE = Duration.ofSeconds(60);
  private static final String ESCAPED = "[.$^*+?()\\[\\]{}|\\\\,]";

  private final BinlogDatabase database;
  private final String pipeline;
  private final List<BinlogTable> tables;
  private final Supplier<Optional<SourceOffset>> committed;
  private final PendingHistory history;
  private final SourceTask task;
  private final TransactionBounds bounds;
  private @Nullable JoiningTables joining;

  /** All that was to be read until other tables join. */
  private boolean joined;

  private @Nullable String token;
  private boolean streaming;
  private long heardNanos;

  /**
   * A reader that is not running yet.
   *
   * @param tables that are read
   * @param joining tables that join them: until it is known from where on they can be read
   * @param committed the offset that Kafka has now
   */
  BinlogReader(
      BinlogDatabase database,
      String pipeline,
      List<BinlogTable> tables,
      List<TableName> joining,
      Supplier<Optional<SourceOffset>> committed,
      PendingHistory history) {
    this.database = database;
    this.pipeline = pipeline;
    this.tables = tables;
    this.committed = committed;
    this.history = history;
    this.task = database.server().task();
    this.bounds =
        new TransactionBounds(
            pipeline, database.server().gtids(), committed.get().map(BinlogPlace::of).orElse(null));
    this.joining = joining.isEmpty() ? null : new JoiningTables(database, joining);
  }

  @Override
  public void start() {
    UtcZone.require();
    String opened = KafkaSchemaHistory.opened(history);
    token = opened;
    Map<String, String> config = config(opened);
    task.initialize(
        new TaskContext(
            config, () -> committed.get().map(BinlogPlace::of).map(BinlogPlace::connectorOffset)));
    task.start(config);
    heardNanos = System.nanoTime();
  }

  @Override
  public List<SourceRecord> poll() throws InterruptedException {
    if (joined) {
      return List.of();
    }
    List<SourceRecord> read = changes();
    JoiningTables tables = joining;
    if (tables == null || !bounds.isBetweenTransactions() || !tables.turn(bounds.place())) {
      return read;
    }
    List<SourceRecord> last = new ArrayList<>(read);
    last.add(bounds.join(tables.names()));
    history.define(bounds.place(), tables);
    tables.close();
    joined = true;
    return last;
  }

  private List<SourceRecord> changes() throws InterruptedException {
    List<SourceRecord> records = task.poll();
    if (records == null || records.isEmpty()) {
      if (streaming && System.nanoTime() - heardNanos > SILENCE.toNanos()) {
        throw new ConnectionLostException(
            "The server has not sent anything for %d s".formatted(SILENCE.toSeconds()));
      }
      return List.of();
    }
    heardNanos = System.nanoTime();
    List<SourceRecord> read = new ArrayList<>(records.size());
    for (SourceRecord record : records) {
      streaming |=
          record.topic().startsWith(TransactionBounds.HEARTBEAT) && !isWithinSnapshot(record);
      bounds.accept(record, read);
    }
    return read;
  }

  /** The server keeps its log by the clock, whoever reads it. */
  @Override
  public void confirm() {}

  @Override
  public List<byte[]> takeHistory(SortedMap<String, String> place) {
    return history.take(BinlogPlace.of(place).begin());
  }

  @Override
  public Set<TableName> altered(SortedMap<String, String> place) {
    return history.altered(BinlogPlace.of(place).begin());
  }

  @Override
  public SortedMap<String, String> place(SourceRecord record) {
    return BinlogPlace.of(record.sourceOffset()).fields();
  }

  @Override
  public long micros(SourceRecord record) {
    return TransactionBounds.micros(record);
  }

  @Override
  public boolean isWithinSnapshot(SourceRecord record) {
    return TransactionBounds.isWithinSnapshot(record);
  }

  /** One before the place where the next transaction begins, which its changes have. */
  @Override
  public long snapshotPosition(SourceRecord first) {
    return BinlogPlace.of(first.sourceOffset()).begin().asNumber() - 1;
  }

  @Override
  public SourceBlock block(Schema source) {
    return new BinlogBlock(source);
  }

  @Override
  public String text(long position) {
    return BinlogPosition.text(position);
  }

  /** Disconnects. */
  @Override
  public void close() {
    if (joining != null) {
      joining.close();
    }
    try {
      task.stop();
    } finally {
      if (token != null) {
        KafkaSchemaHistory.closed(token);
      }
    }
  }

  /** Ours last: what exactness rests on is not the user's to change. */
  private Map<String, String> config(String token) {
    Map<String, String> config = new HashMap<>(defaults());
    config.putAll(database.settings().capture().connector());
    config.putAll(fixed());
    config.put(KafkaSchemaHistory.TOKEN, token);
    return config;
  }

  private Map<String, String> defaults() {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("database.hostname", database.settings().host());
    defaults.put("database.port", database.settings().port());
    defaults.put("database.user", database.settings().user());
    // By it a snapshot of a table learns that an idle log was read.
    defaults.put("heartbeat.interval.ms", "1000");
    // By four fifths of it an idle server shows that it is there.
    defaults.put("connect.keep.alive.interval.ms", "5000");
    // A batch waits for this long unless it is full: it is part of every change's latency.
    defaults.put("poll.interval.ms", "20");
    defaults.put("max.batch.size", "4096");
    defaults.put("max.queue.size", "16384");
    defaults.put("max.queue.size.in.bytes", Long.toString(64L << 20));
    return defaults;
  }

  private Map<String, String> fixed() {
    Map<String, String> config = new LinkedHashMap<>();
    config.put("name", pipeline);
    config.put("connector.class", database.server().connectorClass());
    config.put("topic.prefix", pipeline);
    config.put("database.server.id", Long.toString(database.settings().serverId()));
    config.put("database.include.list", databases());
    config.put("table.include.list", names());
    String keys = declaredKeys();
    if (!keys.isEmpty()) {
      config.put("message.key.columns", keys);
    }
    config.put("snapshot.mode", "initial");
    config.put("snapshot.locking.mode", "minimal");
    config.put("provide.transaction.metadata", "true");
    config.put("include.schema.changes", "true");
    config.put("schema.history.internal", KafkaSchemaHistory.class.getName());
    config.put("schema.history.internal.store.only.captured.tables.ddl", "true");
    config.put(SchemaHistory.DDL_FILTER.name(), foreignStatements());
    config.put("tombstones.on.delete", "false");
    config.put("skipped.operations", "none");
    config.put("connect.keep.alive", "true");
    config.put("enable.time.adjuster", "false");
    config.put("inconsistent.schema.handling.mode", "fail");
    config.put("event.converting.failure.handling.mode", "fail");
    config.put("event.processing.failure.handling.mode", "fail");
    config.put("errors.max.retries", "0");
    config.put("converters", "millrace");
    config.put("millrace.type", database.server().values().getName());
    config.putAll(database.server().fetching());
    config.putAll(SnapshotSelect.overrides(tables));
    return config;
  }

  private String databases() {
    return tables.stream()
        .map(table -> escaped(table.captured().from().schema()))
        .distinct()
        .collect(Collectors.joining(","));
  }

  private String names() {
    return tables.stream()
        .map(BinlogTable::captured)
        .map(table -> escaped(table.from().toString()))
        .collect(Collectors.joining(","));
  }

  private String declaredKeys() {
    return tables.stream()
        .map(BinlogTable::captured)
        .filter(CapturedTable::keyDeclared)
        .map(table -> escaped(table.from().toString()) + ":" + String.join(",", table.primaryKey()))
        .collect(Collectors.joining(";"));
  }

  private static String escaped(String name) {
    return Pattern.compile(ESCAPED).matcher(name).replaceAll("\\\\$0");
  }

  /**
   * Statements that say nothing of a captured table are not read: Debezium's parser does not know
   * every type and every clause, and would stop at a table that no one asked for.
   */
  private String foreignStatements() {
    String ours =
        tables.stream()
            .map(BinlogTable::captured)
            .map(table -> table.from().table())
            .map(name -> escaped(name).replace(",", "\\x2c"))
            .distinct()
            .collect(Collectors.joining("|"));
    return SchemaHistory.DDL_FILTER.defaultValueAsString()
        + ",^(?!.*\\b(?:%s|database|schema|set)\\b).*$".formatted(ours);
  }
}

package io.millrace.cdc;

import io.debezium.connector.postgresql.PostgresConnector;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Debezium's PostgreSQL connector, run as its one Connect task without Debezium's engine around it.
 * The engine decides by its own clock what it calls processed and when; here the slot must move
 * after a Kafka transaction, and by it.
 *
 * <p>The connector asks for the offset twice: to know where to begin, and after each {@link
 * #confirm} to tell PostgreSQL what it may forget. Both times it gets the one that Kafka has.
 *
 * <p>Used by one thread.
 */
final class DebeziumSource implements SourceReader {
  /** Prefix of the log messages by which an idle database shows that it is idle. */
  static final String HEARTBEAT_PREFIX = "millrace-heartbeat";

  private static final String LSN = "lsn";
  private static final String LSN_COMMIT = "lsn_commit";
  private static final String TIME = "ts_usec";

  private final PostgresConnectorTask task = new PostgresConnectorTask();
  private final CdcSettings settings;
  private final String pipeline;
  private final List<CapturedTable> tables;
  private final Supplier<Optional<SourceOffset>> committed;

  /**
   * A source that is not running yet.
   *
   * @param committed the offset that Kafka has now
   */
  DebeziumSource(
      CdcSettings settings,
      String pipeline,
      List<CapturedTable> tables,
      Supplier<Optional<SourceOffset>> committed) {
    this.settings = settings;
    this.pipeline = pipeline;
    this.tables = tables;
    this.committed = committed;
  }

  @Override
  public void start() {
    Map<String, String> config = config();
    task.initialize(new TaskContext(config, () -> committed.get().map(DebeziumSource::offset)));
    task.start(config);
  }

  @Override
  public List<SourceRecord> poll() throws InterruptedException {
    List<SourceRecord> records = task.poll();
    return records == null ? List.of() : records;
  }

  @Override
  public void confirm() throws InterruptedException {
    task.commit();
  }

  @Override
  public void close() {
    task.stop();
  }

  @Override
  public SortedMap<String, String> place(SourceRecord record) {
    Object commit = record.sourceOffset().get(LSN_COMMIT);
    Object lsn = commit == null ? record.sourceOffset().get(LSN) : commit;
    if (lsn instanceof Long value) {
      return Lsn.place(value);
    }
    throw new IllegalStateException("a record of Debezium has no LSN in its offset");
  }

  @Override
  public long micros(SourceRecord record) {
    return record.sourceOffset().get(TIME) instanceof Long value ? value : 0;
  }

  @Override
  public boolean isWithinSnapshot(SourceRecord record) {
    return record.sourceOffset().get("snapshot") != null
        && !Boolean.TRUE.equals(record.sourceOffset().get("snapshot_completed"));
  }

  /** Before any change the slot will send: those of older transactions stand before its start. */
  @Override
  public long snapshotPosition(SourceRecord first) {
    return slot().restartLsn();
  }

  /** The slot has to send all that is committed after the snapshot. */
  @Override
  public void verifySnapshot(SourceRecord first) {
    if (Long.compareUnsigned(slot().confirmedLsn(), Lsn.of(place(first))) > 0) {
      throw new UncapturableException(
          "Replication slot %s was replaced in the midst of the snapshot"
              .formatted(settings.slot().name()));
    }
  }

  private ReplicationSlot.State slot() {
    try (Connection connection = settings.database().connect()) {
      return settings
          .slot()
          .state(connection)
          .orElseThrow(
              () ->
                  new UncapturableException(
                      "Replication slot %s is gone in the midst of the snapshot"
                          .formatted(settings.slot().name())));
    } catch (SQLException e) {
      throw new IllegalStateException("The replication slot could not be read", e);
    }
  }

  @Override
  public SourceBlock block(Schema source) {
    return new PostgresBlock(source);
  }

  @Override
  public String text(long position) {
    return Lsn.text(position);
  }

  /** Ours last: what exactness rests on is not the user's to change. */
  private Map<String, String> config() {
    Map<String, String> config = new HashMap<>(defaults());
    config.putAll(settings.capture().connector());
    config.putAll(fixed());
    return config;
  }

  private Map<String, String> defaults() {
    return Map.of(
        "database.hostname",
        settings.database().host(),
        "database.port",
        settings.database().port(),
        "database.user",
        settings.database().user(),
        "database.dbname",
        settings.database().name(),
        "heartbeat.interval.ms",
        "5000",
        // A batch waits for this long unless it is full: it is part of every change's latency.
        "poll.interval.ms",
        "20",
        "max.batch.size",
        "4096",
        "max.queue.size",
        "16384",
        "max.queue.size.in.bytes",
        Long.toString(64L << 20),
        "snapshot.fetch.size",
        "4096");
  }

  private Map<String, String> fixed() {
    Map<String, String> config = new LinkedHashMap<>();
    config.put("name", pipeline);
    config.put("connector.class", PostgresConnector.class.getName());
    config.put("topic.prefix", pipeline);
    config.put("plugin.name", "pgoutput");
    config.put("slot.name", settings.slot().name());
    config.put("slot.max.retries", "30");
    config.put("slot.retry.delay.ms", "1000");
    config.put("publication.name", settings.publication().name());
    config.put("publication.autocreate.mode", "disabled");
    config.put("table.include.list", includeList());
    String keys = declaredKeys();
    if (!keys.isEmpty()) {
      config.put("message.key.columns", keys);
    }
    config.put("snapshot.mode", "initial");
    config.put("provide.transaction.metadata", "true");
    config.put("tombstones.on.delete", "false");
    config.put("skipped.operations", "none");
    config.put("include.unknown.datatypes", "true");
    config.put("event.converting.failure.handling.mode", "fail");
    config.put("event.processing.failure.handling.mode", "fail");
    config.put("lsn.flush.mode", "connector");
    config.put("offset.mismatch.strategy", "no_validation");
    config.put("errors.max.retries", "0");
    config.put("converters", "millrace");
    config.put("millrace.type", PostgresValues.class.getName());
    config.put(
        "heartbeat.action.query",
        "SELECT pg_logical_emit_message(false, '%s', '')".formatted(HEARTBEAT_PREFIX));
    // As text, dates and timestamps come without the driver's calendar and the JVM's zone.
    config.put("driver.binaryTransfer", "false");
    config.putAll(dateOverrides());
    return config;
  }

  private String includeList() {
    return tables.stream().map(DebeziumSource::pattern).collect(Collectors.joining(","));
  }

  private String declaredKeys() {
    return tables.stream()
        .filter(CapturedTable::keyDeclared)
        .map(table -> pattern(table) + ":" + String.join(",", table.primaryKey()))
        .collect(Collectors.joining(";"));
  }

  private static String pattern(CapturedTable table) {
    return Pattern.compile("[.$^*+?()\\[\\]{}|\\\\,]")
        .matcher(table.from().toString())
        .replaceAll("\\\\$0");
  }

  /** The driver's dates have the JVM's calendar and lose infinity: they are read as text. */
  private Map<String, String> dateOverrides() {
    Map<String, String> overrides = new LinkedHashMap<>();
    for (CapturedTable table : tables) {
      if (table.columns().stream().anyMatch(DebeziumSource::isDate)) {
        overrides.put("snapshot.select.statement.overrides." + table.from(), select(table));
      }
    }
    if (!overrides.isEmpty()) {
      String names =
          overrides.keySet().stream()
              .map(key -> key.substring("snapshot.select.statement.overrides.".length()))
              .collect(Collectors.joining(","));
      overrides.put("snapshot.select.statement.overrides", names);
    }
    return overrides;
  }

  private static String select(CapturedTable table) {
    return table.columns().stream()
        .map(
            column -> {
              String name = TableName.quoted(column.name());
              return isDate(column) ? name + "::text AS " + name : name;
            })
        .collect(Collectors.joining(", ", "SELECT ", " FROM " + table.from().sql()));
  }

  private static boolean isDate(Column column) {
    return column.type().kind() == ColumnType.Kind.DATE;
  }

  /**
   * The offset as the connector reads it. It has no {@code lsn_proc}, on purpose: with it the
   * connector searches the log for the place to go on and skips messages until then, and a record
   * of a transaction still open when the last one committed can stand at just that place. Without
   * it PostgreSQL itself sends what committed after {@code lsn}, whole transactions, and nothing is
   * skipped.
   */
  private static Map<String, Object> offset(SourceOffset offset) {
    long lsn = Lsn.of(offset);
    return Map.of(LSN, lsn, LSN_COMMIT, lsn, TIME, offset.committedMicros());
  }
}

package io.millrace.cdc;

import io.debezium.data.Envelope;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Debezium's records into Kafka transactions. A Kafka transaction ends only where no source
 * transaction is open, and the initial snapshot is one; so every committed offset is a place where
 * the database itself can go on, and a reader never sees half of a source transaction.
 *
 * <p>Used by one thread, from the start of a {@link SourceReader} to its end.
 */
final class ChangeStream implements RunningSnapshot.Output {
  private static final Logger LOG = LoggerFactory.getLogger(ChangeStream.class);
  private static final Duration PROGRESS = Duration.ofSeconds(5);

  /** What Kafka adds to a record's key and value, generously. */
  private static final int RECORD_OVERHEAD = 512;

  private final Config config;
  private final SourceReader source;
  private final TransactionLog log;
  private final LiveKeys rows;
  private final TableSnapshots snapshots;
  private final DeadLetters deadLetters;
  private final CdcMetrics metrics;
  private final Map<TableName, ChangeTopic> topics;
  private final String transactionTopic;
  private final LongSupplier nanos;

  /** By the identity of the Connect schema, so that a record costs one look-up. */
  private final IdentityHashMap<Schema, Compiled> compiled = new IdentityHashMap<>();

  /** How far the topics were written when their tables were empty: no row stands before it. */
  private final Map<String, Map<Integer, Long>> emptied = new HashMap<>();

  private final List<Long> delivered = new ArrayList<>();
  private final byte[] position = new byte[Positions.LENGTH];
  private boolean snapshot;
  private boolean sourceTransaction;
  private @Nullable SourceOffset complete;
  private long openedNanos;
  private long committedNanos;
  private long openBytes;
  private long snapshotRows;
  private long snapshotMicros;
  private long snapshotPosition;
  private boolean snapshotBegun;

  /** Whether the schema history begins with what this one reads. */
  private boolean startsOver;

  /** What places have over positions of the log. */
  private long base;

  private long progressNanos;

  /**
   * What the stream needs to know.
   *
   * @param offsetTemplate an offset whose tables and footing every committed one has
   * @param snapshot what is to be read first; null to go on from the committed offset
   * @param history where the source's schema history goes
   * @param grouping how long source transactions gather
   * @param groupedBytes or until they have this size
   * @param maxRecordBytes what Kafka takes
   */
  record Config(
      SourceOffset offsetTemplate,
      @Nullable FullSnapshot snapshot,
      SchemaHistoryTopic history,
      Duration grouping,
      long groupedBytes,
      long maxRecordBytes) {}

  private record Compiled(ChangeTopic topic, ChangeReader reader, ChangeEncoder encoder) {}

  ChangeStream(
      Config config,
      SourceReader source,
      TransactionLog log,
      LiveKeys rows,
      TableSnapshots snapshots,
      DeadLetters deadLetters,
      CdcMetrics metrics,
      Map<TableName, ChangeTopic> topics,
      String transactionTopic,
      LongSupplier nanos) {
    this.config = config;
    this.source = source;
    this.log = log;
    this.rows = rows;
    this.snapshots = snapshots;
    this.deadLetters = deadLetters;
    this.metrics = metrics;
    this.topics = topics;
    this.transactionTopic = transactionTopic;
    this.nanos = nanos;
    this.snapshot = config.snapshot() != null;
    this.startsOver = config.snapshot() != null;
    this.base = config.offsetTemplate().base();
    this.progressNanos = nanos.getAsLong();
    this.committedNanos = progressNanos;
  }

  @Override
  public long base() {
    return base;
  }

  /** Whether a snapshot of all tables is being read. */
  boolean isSnapshot() {
    return snapshot;
  }

  /** Rows of that snapshot so far. */
  long snapshotRows() {
    return snapshotRows;
  }

  /**
   * Writes what the source gave, and commits what is due.
   *
   * @param records as Debezium gave them; none when there was nothing to read
   * @return whether something was committed
   */
  boolean accept(List<SourceRecord> records) {
    boolean committed = false;
    for (SourceRecord record : records) {
      Schema schema = record.valueSchema();
      Compiled table = compiled.get(schema);
      if (table != null && isOfRow(table, record)) {
        write(table, record);
      } else if (schema != null && Envelope.isEnvelopeSchema(schema)) {
        other(record);
      } else if (record.topic().equals(transactionTopic)) {
        committed |= boundary(record);
      } else {
        committed |= pulse(record);
      }
    }
    logProgress();
    turn();
    return commitIfDue() || committed;
  }

  /** TRUNCATE is not: it has no key, where rows have one. */
  private static boolean isOfRow(Compiled table, SourceRecord record) {
    return table.topic().table().isKeyless()
        ? !table.reader().operation((Struct) record.value()).equals("t")
        : record.key() != null;
  }

  /** Commits what is complete, for a clean end; returns whether there was something. */
  boolean finish() {
    if (complete == null || sourceTransaction || snapshots.isHolding()) {
      return false;
    }
    commit();
    return true;
  }

  /** The first change in a version of a table's schema, or one without a key. */
  private void other(SourceRecord record) {
    Struct value = (Struct) record.value();
    ChangeReader reader = new ChangeReader(record.valueSchema(), source);
    ChangeTopic topic = topics.get(reader.table(value));
    if (topic == null) {
      return;
    }
    if (reader.operation(value).equals("t")) {
      truncate(topic, value, reader.read(value, null, base));
      return;
    }
    Compiled table =
        new Compiled(topic, reader, topic.encoder(record.keySchema(), record.valueSchema()));
    compiled.values().removeIf(earlier -> earlier.topic() == topic);
    compiled.put(record.valueSchema(), table);
    write(table, record);
  }

  /** TRUNCATE names no rows: it deletes those that are there, each at the place of the TRUNCATE. */
  private void truncate(ChangeTopic topic, Struct value, Change change) {
    if (topic.table().appendOnly()) {
      sendDeadLetter(topic, null, value, change, notAppended("a TRUNCATE"));
    } else {
      RowDeletions deletions =
          new RowDeletions(topic, change, 1, deletion -> send(deletion, topic));
      rows.forEach(topic.topic(), emptied.getOrDefault(topic.topic(), Map.of()), deletions);
      emptied.put(topic.topic(), rows.ends(topic.topic()));
      snapshots.emptied(topic);
      LOG.info(
          "TRUNCATE of table {} at {}: {} rows deleted",
          topic.table().name(),
          source.text(change.position()),
          deletions.next() - 1);
    }
    topic.metrics().changes().increment();
  }

  private static UnrepresentableValueException notAppended(String what) {
    return new UnrepresentableValueException(
        "", "the pipeline file declares the table append_only, and this is " + what);
  }

  /** Lets the snapshots of single tables go on. */
  private void turn() {
    if (sourceTransaction || snapshot) {
      return;
    }
    SourceOffset reached = complete == null ? log.committed().orElse(null) : complete;
    if (reached != null && snapshots.turn(reached, this)) {
      complete = reached;
    }
  }

  private void write(Compiled table, SourceRecord record) {
    Struct value = (Struct) record.value();
    Change change = table.reader().read(value, place(table, record), base);
    if (snapshots.leavesOut(table.topic(), change)) {
      return;
    }
    if (change.op().equals("c") && snapshots.isIncomplete(table.topic())) {
      change = change.asRead();
    }
    write(table.topic(), table.encoder(), (Struct) record.key(), change, value);
  }

  @Override
  public boolean row(
      ChangeTopic topic, ChangeEncoder encoder, SnapshotRound.Row row, Change change) {
    return write(topic, encoder, row.key(), change, row.values());
  }

  /**
   * Writes a change, or its dead letter.
   *
   * @param keyValues not used of a table without a key: Debezium takes a unique index for one
   * @param whole what a dead letter shows
   * @return whether the change had a form
   */
  private boolean write(
      ChangeTopic topic,
      ChangeEncoder encoder,
      @Nullable Struct keyValues,
      Change change,
      Struct whole) {
    byte[] key = null;
    boolean written = false;
    try {
      key =
          topic.table().isKeyless()
              ? encoder.place(change)
              : encoder.key(Objects.requireNonNull(keyValues));
      if (change.phase() == Change.Phase.STREAMING) {
        snapshots.changed(topic, key);
      }
      refuseIfAppendOnly(topic, change.op());
      byte[] bytes = value(topic, encoder, change);
      refuseIfTooLarge(key.length + bytes.length);
      if (!isThere(topic, key)) {
        send(new ProducerRecord<>(topic.topic(), key, bytes), topic);
      }
      if (change.op().equals("d")) {
        send(new ProducerRecord<>(topic.topic(), key, null), topic);
      }
      written = true;
    } catch (UnrepresentableValueException e) {
      sendDeadLetter(topic, key, whole, change, e);
      if (snapshot && key != null) {
        Objects.requireNonNull(config.snapshot()).keep(topic, key);
      }
    }
    (change.phase() == Change.Phase.STREAMING
            ? topic.metrics().changes()
            : topic.metrics().snapshotRows())
        .increment();
    return written;
  }

  /** Whether a snapshot's row is one that was appended before. */
  private boolean isThere(ChangeTopic topic, byte[] key) {
    return snapshot && Objects.requireNonNull(config.snapshot()).isAppended(topic, key);
  }

  private byte[] value(ChangeTopic topic, ChangeEncoder encoder, Change change)
      throws UnrepresentableValueException {
    try {
      return encoder.value(change);
    } catch (UnexpectedNullException e) {
      ChangeEncoder wider = topic.encoder(encoder.columnsWithNull(e.field()));
      compiled.replaceAll(
          (schema, table) ->
              table.encoder() == encoder
                  ? new Compiled(table.topic(), table.reader(), wider)
                  : table);
      return value(topic, wider, change);
    }
  }

  private static void refuseIfAppendOnly(ChangeTopic topic, String operation)
      throws UnrepresentableValueException {
    if (topic.table().appendOnly() && (operation.equals("u") || operation.equals("d"))) {
      throw notAppended(operation.equals("u") ? "an update" : "a delete");
    }
  }

  private void refuseIfTooLarge(int bytes) throws UnrepresentableValueException {
    if (bytes + RECORD_OVERHEAD > config.maxRecordBytes()) {
      throw new UnrepresentableValueException(
          "",
          "the change is %d bytes, more than max.request.size (%d) lets through"
              .formatted(bytes, config.maxRecordBytes()));
    }
  }

  /** Snapshot rows share the snapshot's place and time, and are told apart by their number. */
  private ChangeReader.@Nullable SnapshotPlace place(Compiled table, SourceRecord record) {
    Struct value = (Struct) record.value();
    if (!table.reader().isSnapshot(value)) {
      return null;
    }
    if (!snapshotBegun) {
      beginSnapshot(record, table.reader().micros(value));
    }
    snapshotRows++;
    return new ChangeReader.SnapshotPlace(snapshotPosition, snapshotMicros, snapshotRows);
  }

  private void beginSnapshot(SourceRecord record, long micros) {
    snapshotBegun = true;
    snapshotMicros = micros;
    snapshotPosition = source.snapshotPosition(record);
    base = Objects.requireNonNull(config.snapshot()).base(snapshotPosition);
    LOG.info("Snapshot begins at {}", source.text(snapshotPosition));
  }

  /** Rows that the topics have and the snapshot did not see, each deleted behind all its rows. */
  private void removeVanished(FullSnapshot whole) {
    if (whole.isInitial()) {
      return;
    }
    for (ChangeTopic topic : topics.values()) {
      Change cause =
          new Change(
              "d",
              null,
              null,
              snapshotMicros / 1000,
              Change.Phase.SNAPSHOT,
              snapshotMicros,
              snapshotPosition,
              snapshotPosition + base,
              0,
              null,
              null);
      long first = snapshotRows + 1;
      RowDeletions deletions =
          new RowDeletions(topic, cause, first, deletion -> send(deletion, topic));
      whole.forEachVanished(topic, deletions);
      snapshotRows = deletions.next() - 1;
      if (snapshotRows >= first) {
        LOG.info(
            "Snapshot: {} rows of table {} have vanished",
            snapshotRows - first + 1,
            topic.table().name());
      }
      if (whole.goneFromAppendOnly(topic) > 0) {
        LOG.warn(
            "Snapshot: {} rows of append-only table {} are gone from the source, and stay in its"
                + " topic and the lake: delete them there if they are not to count",
            whole.goneFromAppendOnly(topic),
            topic.table().name());
      }
    }
  }

  @Override
  public void send(ProducerRecord<byte[], byte[]> record, ChangeTopic topic) {
    begin();
    log.send(record);
    openBytes += record.key().length + (record.value() == null ? 0 : record.value().length);
    topic.metrics().recordsOut().increment();
  }

  private void sendDeadLetter(
      ChangeTopic topic,
      byte @Nullable [] key,
      Struct value,
      Change change,
      UnrepresentableValueException reason) {
    begin();
    Positions.write(position, change.place(), change.order());
    String place = new String(position, StandardCharsets.US_ASCII);
    log.send(deadLetters.of(topic.topic(), key, value, place, reason));
    metrics.deadLetter();
    LOG.warn(
        "A change of table {} at {} went to the dead letters: {}{}",
        topic.table().name(),
        place,
        reason.field().isEmpty() ? "" : "column " + reason.field() + ": ",
        reason.getMessage());
  }

  private void begin() {
    if (!log.isOpen()) {
      openedNanos = nanos.getAsLong();
    }
  }

  /** BEGIN or END of a source transaction. */
  private boolean boundary(SourceRecord record) {
    boolean begin = "BEGIN".equals(((Struct) record.value()).getString("status"));
    if (begin) {
      if (sourceTransaction) {
        throw new IllegalStateException("a source transaction began within another one");
      }
      if (snapshot) {
        throw new IllegalStateException("a source transaction began within the snapshot");
      }
      sourceTransaction = true;
      return false;
    }
    sourceTransaction = false;
    long micros = source.micros(record);
    delivered.add(micros);
    SourceOffset reached = offset(record);
    complete = reached;
    alter(reached);
    turn();
    return commitIfDue();
  }

  /** Tables that a statement altered get snapshots, in the transaction that has the statement. */
  private void alter(SourceOffset reached) {
    for (TableName table : source.altered(reached.place())) {
      ChangeTopic topic = topics.get(table);
      if (topic != null) {
        snapshots.altered(topic);
      }
    }
  }

  /** A heartbeat or a log message: the source is complete up to it, unless within a transaction. */
  private boolean pulse(SourceRecord record) {
    if (sourceTransaction || source.isWithinSnapshot(record)) {
      return false;
    }
    SourceOffset reached = offset(record);
    SourceOffset last = complete == null ? log.resumable().orElse(null) : complete;
    if (last == null || !reached.place().equals(last.place())) {
      complete = reached;
    }
    return snapshotEnded(record) || commitIfDue();
  }

  /** The first sign of streaming: commits the snapshot, so that streaming starts by itself. */
  private boolean snapshotEnded(SourceRecord record) {
    if (!snapshot) {
      return false;
    }
    long read = snapshotRows;
    if (!snapshotBegun) {
      beginSnapshot(record, ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()));
    }
    FullSnapshot whole = Objects.requireNonNull(config.snapshot());
    removeVanished(whole);
    SourceOffset end = offset(record);
    source.verifySnapshot(record);
    // Its rows are as the statements before it left them.
    var _ = source.altered(end.place());
    complete = end;
    snapshot = false;
    commit();
    LOG.info("Snapshot complete: {} rows", read);
    return true;
  }

  private SourceOffset offset(SourceRecord record) {
    return config.offsetTemplate().withBase(base).at(source.place(record), source.micros(record));
  }

  private boolean commitIfDue() {
    if (complete == null || sourceTransaction || snapshot || snapshots.isHolding()) {
      return false;
    }
    long since = log.isOpen() ? openedNanos : committedNanos;
    boolean due =
        openBytes >= config.groupedBytes()
            || nanos.getAsLong() - since >= config.grouping().toNanos();
    if (due) {
      commit();
    }
    return due;
  }

  private void commit() {
    SourceOffset offset = complete;
    if (offset == null) {
      return;
    }
    List<byte[]> history = source.takeHistory(offset.place());
    if (startsOver && !history.isEmpty()) {
      log.send(config.history().beginning());
      startsOver = false;
    }
    history.forEach(statement -> log.send(config.history().record(statement)));
    log.commit(offset.with(snapshots.states(), snapshots.asked()));
    snapshots.committed();
    complete = null;
    openBytes = 0;
    committedNanos = nanos.getAsLong();
    delivered.forEach(metrics::delivered);
    delivered.clear();
  }

  private void logProgress() {
    if (snapshot && nanos.getAsLong() - progressNanos >= PROGRESS.toNanos()) {
      progressNanos = nanos.getAsLong();
      LOG.info("Snapshot: {} rows so far", snapshotRows);
    }
  }
}

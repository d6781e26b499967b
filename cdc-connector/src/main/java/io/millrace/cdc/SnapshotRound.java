package io.millrace.cdc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a table, or its rest, as it was at one place of PostgreSQL's log: in the snapshot that
 * comes with a new replication slot, so that it is known which transactions it holds, exactly those
 * that the log has before that place. The slot is temporary and goes as soon as the snapshot is
 * taken.
 *
 * <p>Reads ahead in a thread of its own, a few chunks.
 */
final class SnapshotRound implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotRound.class);
  private static final int CHUNK_ROWS = 2000;
  private static final int CHUNKS_AHEAD = 2;
  private static final int LONGEST_NAME = 63;

  private final CdcSettings settings;
  private final CapturedTable table;
  private final List<String> after;
  private final @Nullable String condition;
  private final BlockingQueue<Chunk> chunks = new ArrayBlockingQueue<>(CHUNKS_AHEAD);
  private final List<Connection> connections = new ArrayList<>();
  private volatile @Nullable Place place;
  private volatile @Nullable RuntimeException failure;
  private volatile @Nullable String refusal;
  private volatile boolean closed;

  /**
   * Which moment the rows are of.
   *
   * @param consistent transactions that end there or before are in the rows, others are not
   * @param begins no transaction that ends after {@code consistent} has a change before
   * @param micros the time
   * @param shape of the table then
   * @param columns of the rows
   * @param estimate of all of the table's rows, by PostgreSQL's statistics
   */
  record Place(
      long consistent,
      long begins,
      long micros,
      TableShape shape,
      List<Column> columns,
      long estimate) {}

  /** What follows a chunk. */
  enum Next {
    MORE,
    /** Another round: this one has kept its transaction open long enough. */
    ROUND,
    NOTHING
  }

  /**
   * Rows in the order of their keys.
   *
   * @param lastKey key of the last row as text; empty when there are no rows
   */
  record Chunk(List<Row> rows, List<String> lastKey, Next next) {}

  /** Starts rounds. */
  @FunctionalInterface
  interface Starter {
    /** A round of a table, behind a key, of the rows that meet a condition if there is one. */
    SnapshotRound start(CapturedTable table, List<String> after, @Nullable String condition);
  }

  record Row(Struct key, Struct values) {}

  /**
   * A round that reads from now on.
   *
   * @param after key of the last row that is not wanted any more; empty to begin with the first
   * @param condition which rows are wanted, in SQL; null: all
   */
  SnapshotRound(
      CdcSettings settings, CapturedTable table, List<String> after, @Nullable String condition) {
    this.settings = settings;
    this.table = table;
    this.after = List.copyOf(after);
    this.condition = condition;
    Thread.ofPlatform().name("snapshot-" + table.name()).daemon().start(this::read);
  }

  /** Why the database does not read rows by the condition; null while it does. */
  @Nullable String refusal() {
    return refusal;
  }

  /** The moment of the rows; null until it is known. Throws what ended the round early. */
  @Nullable Place place() {
    check();
    return place;
  }

  /** The next chunk; null when there is none yet. Throws what ended the round early. */
  @Nullable Chunk poll() {
    Chunk chunk = chunks.poll();
    if (chunk == null) {
      check();
    }
    return chunk;
  }

  private void check() {
    RuntimeException failed = failure;
    if (failed != null) {
      throw failed;
    }
  }

  private void read() {
    try (Connection reading = opened(settings.database().connect())) {
      try (Statement statement = reading.createStatement()) {
        statement.execute("SET TimeZone = 'UTC'");
      }
      reading.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      reading.setReadOnly(true);
      reading.setAutoCommit(false);
      Place now = enter(reading);
      place = now;
      readWanted(reading, now);
      reading.rollback();
    } catch (SQLException e) {
      fail(
          new IllegalStateException(
              "The snapshot of table %s could not be read: %s"
                  .formatted(table.from(), e.getMessage()),
              e));
    } catch (RuntimeException e) {
      fail(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void fail(RuntimeException e) {
    if (closed) {
      LOG.debug("after its end", e);
    } else {
      failure = e;
    }
  }

  /**
   * Begins the transaction that reads. The lock comes before the snapshot: a TRUNCATE or a rewrite
   * between the two would leave a table that is empty in the snapshot.
   */
  private Place enter(Connection reading) throws SQLException {
    try (Statement statement = reading.createStatement();
        Connection replication = opened(settings.database().connectForReplication())) {
      statement.execute("LOCK TABLE %s IN ACCESS SHARE MODE".formatted(table.from().sql()));
      long begins = insertLsn();
      try (Statement create = replication.createStatement();
          ResultSet slot =
              create.executeQuery(
                  "CREATE_REPLICATION_SLOT %s TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT"
                      .formatted(slotName()))) {
        slot.next();
        long consistent = Lsn.of(slot.getString("consistent_point"));
        statement.execute(
            "SET TRANSACTION SNAPSHOT '%s'".formatted(slot.getString("snapshot_name")));
        return new Place(
            consistent,
            begins,
            ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()),
            TableShape.read(reading, table.from()),
            SourceTables.columns(reading, table.from()),
            estimate(reading));
      }
    }
  }

  private long estimate(Connection reading) throws SQLException {
    try (PreparedStatement query =
        reading.prepareStatement(
            "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = ?::regclass")) {
      query.setString(1, table.from().sql());
      try (ResultSet rows = query.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  private long insertLsn() throws SQLException {
    try (Connection connection = opened(settings.database().connect())) {
      return ReplicationSlot.insertLsn(connection);
    }
  }

  /** Another one each time: the last one can live on for a moment after a crash. */
  private String slotName() {
    String suffix = "_s" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    String base = settings.slot().name();
    return base.substring(0, Math.min(base.length(), LONGEST_NAME - suffix.length())) + suffix;
  }

  private void readWanted(Connection reading, Place now) throws SQLException, InterruptedException {
    try {
      readRows(reading, now);
    } catch (SQLException e) {
      if (condition == null || !SnapshotSelect.isRefused(e)) {
        throw e;
      }
      refusal = SnapshotSelect.refusal(e);
    }
  }

  private void readRows(Connection reading, Place now) throws SQLException, InterruptedException {
    TextRows text = new TextRows(now.columns(), table.primaryKey());
    long end = System.nanoTime() + settings.snapshotTransaction().toNanos();
    String select = SnapshotSelect.rows(reading, table, now.columns(), after, condition);
    try (Statement query = reading.createStatement()) {
      query.setEscapeProcessing(false);
      query.setFetchSize(CHUNK_ROWS);
      try (ResultSet rows = query.executeQuery(select)) {
        List<Row> chunk = new ArrayList<>();
        List<String> lastKey = List.of();
        while (rows.next()) {
          if (chunk.size() == CHUNK_ROWS) {
            boolean enough = System.nanoTime() - end > 0;
            chunks.put(new Chunk(chunk, lastKey, enough ? Next.ROUND : Next.MORE));
            if (enough) {
              return;
            }
            chunk = new ArrayList<>();
          }
          Struct row = text.row(rows);
          chunk.add(new Row(text.key(row), row));
          lastKey = text.keyText(rows);
        }
        chunks.put(new Chunk(chunk, lastKey, Next.NOTHING));
      }
    }
  }

  private Connection opened(Connection connection) throws SQLException {
    synchronized (connections) {
      connections.add(connection);
      if (closed) {
        connection.abort(Runnable::run);
      }
    }
    return connection;
  }

  /** Stops reading, wherever it is. */
  @Override
  public void close() {
    closed = true;
    synchronized (connections) {
      for (Connection connection : connections) {
        try {
          connection.abort(Runnable::run);
        } catch (SQLException e) {
          LOG.debug("closing", e);
        }
      }
    }
    chunks.clear();
  }
}

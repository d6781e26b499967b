package io.millrace.cdc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rows of a table, or of its rest, as they were at one place of the source's log. Reads ahead in a
 * thread of its own, a few chunks; how, a {@link Reading} knows.
 */
public final class SnapshotRound implements AutoCloseable {
  /** How many rows a chunk has, unless it is the last one. */
  public static final int CHUNK_ROWS = 2000;

  private static final Logger LOG = LoggerFactory.getLogger(SnapshotRound.class);
  private static final int CHUNKS_AHEAD = 2;

  private final TableName table;
  private final Reading reading;
  private final BlockingQueue<Chunk> chunks = new ArrayBlockingQueue<>(CHUNKS_AHEAD);
  private final List<Connection> connections = new ArrayList<>();
  private volatile @Nullable Place place;
  private volatile @Nullable RuntimeException failure;
  private volatile @Nullable String refusal;
  private volatile boolean closed;

  /**
   * Which moment the rows are of.
   *
   * @param reached whether the stream has every change that is in the rows, when it has all up to
   *     an offset
   * @param position where the rows stand: no change that they do not hold stands before, and of
   *     rows that the stream did not change since the round began no change stands behind
   * @param micros the time
   * @param shape of the table then; null when the stream itself tells how the table changes
   * @param columns of the rows
   * @param estimate of all of the table's rows, by the database's statistics
   * @param holds whether the rows are as a transaction of the source left them, by its id; null
   *     when the source cannot tell
   */
  public record Place(
      Predicate<SourceOffset> reached,
      long position,
      long micros,
      @Nullable String shape,
      List<Column> columns,
      long estimate,
      @Nullable LongPredicate holds) {
    /** Keeps its own copies. */
    public Place {
      columns = List.copyOf(columns);
    }
  }

  /** What follows a chunk. */
  public enum Next {
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
  public record Chunk(List<Row> rows, List<String> lastKey, Next next) {
    /** Keeps its own copies. */
    public Chunk {
      rows = List.copyOf(rows);
      lastKey = List.copyOf(lastKey);
    }
  }

  /** A row, as the source's reader would give it. */
  public record Row(Struct key, Struct values) {}

  /** Starts rounds. */
  @FunctionalInterface
  public interface Starter {
    /**
     * A round that reads from now on.
     *
     * @param after key of the last row that is not wanted any more; empty to begin with the first
     * @param condition which rows are wanted, in SQL; null: all
     * @param reached up to where the stream has everything: what it changes from now on is known
     */
    SnapshotRound start(
        CapturedTable table, List<String> after, @Nullable String condition, SourceOffset reached);
  }

  /** Reads the rows of one round. */
  @FunctionalInterface
  public interface Reading {
    /** Reads, until nothing more is wanted or the round is closed. */
    void read(SnapshotRound round) throws SQLException, InterruptedException;
  }

  /** A round that reads from now on. */
  public SnapshotRound(CapturedTable table, Reading reading) {
    this.table = table.from();
    this.reading = reading;
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
    try {
      reading.read(this);
    } catch (SQLException e) {
      fail(
          new IllegalStateException(
              "The snapshot of table %s could not be read: %s".formatted(table, e.getMessage()),
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

  /** The moment is known. Called by the {@link Reading}, before the first chunk. */
  public void at(Place known) {
    place = known;
  }

  /** Here are more rows; waits until there is room. Called by the {@link Reading}. */
  public void put(Chunk chunk) throws InterruptedException {
    chunks.put(chunk);
  }

  /** The database does not read rows by the condition. Called by the {@link Reading}. */
  public void refuse(String why) {
    refusal = why;
  }

  /** Whether nobody wants the rows any more. */
  public boolean isClosed() {
    return closed;
  }

  /** A connection that ends with the round, whatever it is doing then. */
  public Connection opened(Connection connection) throws SQLException {
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

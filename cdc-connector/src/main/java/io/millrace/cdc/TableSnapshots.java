package io.millrace.cdc;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the committed offset says of each table, and the snapshots of single tables while the stream
 * goes on, one at a time. A snapshot that is wanted or under way stands in the offset, so one that
 * is broken off goes on behind the last row that is in Kafka.
 *
 * <p>Used by the thread that writes, but for what says otherwise.
 */
final class TableSnapshots implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TableSnapshots.class);

  private static final Duration PROGRESS = Duration.ofSeconds(5);

  private final SnapshotRound.Starter rounds;
  private final Map<String, ChangeTopic> topics;
  private final LiveKeys rows;
  private final Queue<Reshaped> reshaped = new ConcurrentLinkedQueue<>();
  private volatile SortedMap<String, TableState> states;
  private @Nullable TableSnapshot current;
  private long barrier;
  private boolean news;
  private long loggedNanos;

  /**
   * A table that an {@code ALTER TABLE} changed.
   *
   * @param known the shape that it was compared with
   * @param shape its columns now
   * @param implicitly whether rows changed that no change event tells of
   * @param lsn where the log was written then
   */
  record Reshaped(String table, TableShape known, TableShape shape, boolean implicitly, long lsn) {}

  /**
   * Goes on with what the offset says.
   *
   * @param rounds starts the reading of a table
   * @param states of all tables
   * @param lsn where the log is written now
   */
  TableSnapshots(
      SnapshotRound.Starter rounds,
      Map<TableName, ChangeTopic> topics,
      LiveKeys rows,
      SortedMap<String, TableState> states,
      long lsn) {
    this.rounds = rounds;
    this.topics =
        topics.values().stream()
            .collect(Collectors.toMap(topic -> topic.table().name(), Function.identity()));
    this.rows = rows;
    this.states = states;
    this.barrier = lsn;
  }

  /** Of a source that has none. */
  static TableSnapshots none(Map<TableName, ChangeTopic> topics, LiveKeys rows) {
    return new TableSnapshots(
        (table, after) -> {
          throw new IllegalStateException("a snapshot of table " + table.from());
        },
        topics,
        rows,
        new TreeMap<>(),
        0);
  }

  /**
   * The states with which a run begins: a table that the offset does not have wants a snapshot.
   *
   * @param captured name in the pipeline to name in the database
   * @param shapes of the tables now: what an initial snapshot that follows will have
   * @param isWritten whether a table's topic has ever been written
   */
  static SortedMap<String, TableState> states(
      Optional<SourceOffset> committed,
      SortedMap<String, String> captured,
      Map<String, String> shapes,
      Predicate<String> isWritten) {
    SortedMap<String, TableState> states = new TreeMap<>();
    captured.forEach(
        (name, from) -> {
          TableState known =
              committed.map(SourceOffset::states).map(all -> all.get(name)).orElse(null);
          boolean added = committed.isPresent() && !from.equals(committed.get().tables().get(name));
          if (added) {
            LOG.info("Table {} ({}) is new in the pipeline: it gets a snapshot", name, from);
            boolean over = isWritten.test(name);
            states.put(name, new TableState(null, TableState.Progress.of(over)));
          } else {
            states.put(name, known == null ? new TableState(shapes.get(name), null) : known);
          }
        });
    return states;
  }

  /** What the next offset has to say of the tables. Called by any thread. */
  SortedMap<String, TableState> states() {
    return states;
  }

  /** Tells of a table that changed. Called by any thread. */
  void reshaped(Reshaped table) {
    reshaped.add(table);
  }

  /**
   * Whether the topic may hold rows that no one followed: those of a table that was taken out of
   * the file once and is back, without its snapshot yet. An insert of such a row is not its first.
   */
  boolean isIncomplete(ChangeTopic topic) {
    TableState state = states.get(topic.table().name());
    return state != null && state.snapshot() != null && state.snapshot().over();
  }

  /** The stream changed a row. */
  void changed(ChangeTopic topic, byte[] key) {
    TableSnapshot running = current;
    if (running != null && running.topic() == topic) {
      running.changed(key);
    }
  }

  /** The stream emptied a table: what a snapshot of it has read is gone. */
  void emptied(ChangeTopic topic) {
    TableSnapshot running = current;
    if (running != null && running.topic() == topic) {
      again(topic.table().name());
    }
  }

  /**
   * Goes on, between two source transactions.
   *
   * @param reached up to where the stream has all that was committed
   * @return whether there is something new to commit
   */
  boolean turn(SourceOffset reached, TableSnapshot.Output output) {
    news = false;
    for (Reshaped next = reshaped.poll(); next != null; next = reshaped.poll()) {
      reshape(next);
    }
    TableSnapshot running = current;
    if (running == null) {
      running = next();
      current = running;
    }
    if (running != null) {
      turn(running, Lsn.of(reached), output);
    }
    return news;
  }

  private void turn(TableSnapshot running, long reached, TableSnapshot.Output output) {
    String table = running.topic().table().name();
    switch (running.turn(reached, output)) {
      case NOTHING -> {}
      case MORE -> {
        put(table, new TableState(shape(table), running.progress()));
        logProgress(table, running.progress());
      }
      case CHANGED -> again(table);
      case DONE -> {
        end();
        put(table, new TableState(shapeAfter(table, running.progress()), null));
        LOG.info("Snapshot of table {} complete: {} rows", table, running.progress().rows());
      }
    }
  }

  private void logProgress(String table, TableState.Progress progress) {
    if (System.nanoTime() - loggedNanos >= PROGRESS.toNanos()) {
      loggedNanos = System.nanoTime();
      LOG.info(
          "Snapshot of table {}: {} rows of about {}",
          table,
          progress.rows(),
          Math.max(progress.rows(), progress.estimate()));
    }
  }

  private @Nullable TableSnapshot next() {
    for (Map.Entry<String, TableState> state : states.entrySet()) {
      TableState.Progress progress = state.getValue().snapshot();
      ChangeTopic topic = topics.get(state.getKey());
      if (progress != null && topic != null) {
        loggedNanos = System.nanoTime();
        return new TableSnapshot(rounds, topic, rows, barrier, progress);
      }
    }
    return null;
  }

  private void reshape(Reshaped now) {
    TableState before = states.get(now.table());
    if (before == null) {
      return;
    }
    TableState after = before.reshaped(now.known(), now.shape(), now.implicitly());
    if (after.equals(before)) {
      return;
    }
    put(now.table(), after);
    if (before.snapshot() == null && after.snapshot() != null) {
      barrier = Math.max(barrier, now.lsn());
      LOG.info("Table {} was altered: it gets a snapshot", now.table());
    }
  }

  /** From the beginning. */
  private void again(String table) {
    TableState state = states.get(table);
    if (state == null || state.snapshot() == null) {
      return;
    }
    if (current != null && current.topic().table().name().equals(table)) {
      end();
    }
    LOG.info("Snapshot of table {} begins again: the table was altered or emptied", table);
    boolean over = state.snapshot().over();
    put(table, new TableState(state.shape(), TableState.Progress.of(over)));
  }

  private void end() {
    if (current != null) {
      current.close();
      current = null;
    }
  }

  private @Nullable String shape(String table) {
    TableState state = states.get(table);
    return state == null ? null : state.shape();
  }

  private @Nullable String shapeAfter(String table, TableState.Progress progress) {
    String before = shape(table);
    return before == null || progress.shape() == null
        ? progress.shape()
        : TableShape.of(progress.shape()).after(TableShape.of(before)).toString();
  }

  private void put(String table, TableState state) {
    SortedMap<String, TableState> now = new TreeMap<>(states);
    now.put(table, state);
    states = now;
    news = true;
  }

  @Override
  public void close() {
    end();
  }
}

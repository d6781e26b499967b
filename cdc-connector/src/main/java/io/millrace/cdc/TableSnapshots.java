package io.millrace.cdc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
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
  private final SnapshotDesk desk;
  private final List<SnapshotDesk.Asked> unanswered = new ArrayList<>();
  private volatile SortedMap<String, TableState> states;
  private AskedSnapshots asked;
  private @Nullable Running current;
  private Predicate<SourceOffset> barrier;
  private boolean news;
  private boolean ends;
  private long loggedNanos;

  /** The snapshot that is being taken; {@code asked} of one that someone asked for. */
  private record Running(RunningSnapshot snapshot, @Nullable AskedSnapshot asked) {
    String table() {
      return snapshot.topic().table().name();
    }
  }

  /**
   * A table that an {@code ALTER TABLE} changed.
   *
   * @param known the shape that it was compared with
   * @param shape its columns now
   * @param implicitly whether rows changed that no change event tells of
   * @param barrier whether the stream has come to where the log was written then
   */
  record Reshaped(
      String table,
      TableShape known,
      TableShape shape,
      boolean implicitly,
      Predicate<SourceOffset> barrier) {}

  /**
   * Goes on with what the offset says.
   *
   * @param rounds starts the reading of a table
   * @param states of all tables
   * @param asked what someone asked for
   * @param desk where more is asked for
   * @param barrier whether the stream has come to where the log is written now
   */
  TableSnapshots(
      SnapshotRound.Starter rounds,
      Map<TableName, ChangeTopic> topics,
      LiveKeys rows,
      SortedMap<String, TableState> states,
      AskedSnapshots asked,
      SnapshotDesk desk,
      Predicate<SourceOffset> barrier) {
    this.rounds = rounds;
    this.topics =
        topics.values().stream()
            .collect(Collectors.toMap(topic -> topic.table().name(), Function.identity()));
    this.rows = rows;
    this.states = states;
    this.asked = asked.without(this.topics.keySet());
    this.desk = desk;
    this.barrier = barrier;
    desk.keyless(
        topics.values().stream()
            .map(ChangeTopic::table)
            .filter(CapturedTable::isKeyless)
            .map(CapturedTable::name)
            .collect(Collectors.toSet()));
    show();
  }

  /** Of a source whose stream tells how tables change. */
  static TableSnapshots of(
      SnapshotRound.Starter rounds, SourceRun.Parts parts, SourceRun.Start start) {
    return new TableSnapshots(
        rounds,
        parts.topics(),
        parts.rows(),
        states(parts, start, Map.of()),
        asked(parts, start),
        parts.desk(),
        _ -> true);
  }

  /**
   * The states with which a run begins. With a snapshot of everything the tables begin anew.
   *
   * @param shapes of the tables now
   */
  static SortedMap<String, TableState> states(
      SourceRun.Parts parts, SourceRun.Start start, Map<String, String> shapes) {
    return states(
        start.snapshot() == null ? parts.log().committed() : Optional.empty(),
        start.offset().tables(),
        shapes,
        name ->
            parts.rows().ends(parts.file().topicNames().changes(name)).values().stream()
                .anyMatch(end -> end > 0));
  }

  /** A snapshot of everything is one of each table that was asked for. */
  static AskedSnapshots asked(SourceRun.Parts parts, SourceRun.Start start) {
    AskedSnapshots asked =
        new AskedSnapshots(parts.log().committed().map(SourceOffset::asked).orElse(List.of()));
    return start.snapshot() == null ? asked : asked.allDone();
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

  /** What the next offset has to say of what was asked for. */
  List<AskedSnapshot> asked() {
    return asked.all();
  }

  /** Kafka has an offset with all that. */
  void committed() {
    if (ends) {
      // Not before: who waited for an end reads the topic next.
      ends = false;
      show();
    }
    unanswered.forEach(one -> one.answer().complete(SnapshotCommand.Answer.ACCEPTED));
    unanswered.clear();
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

  /** Whether a change of the stream is not to be written: a snapshot that is due will have it. */
  boolean leavesOut(ChangeTopic topic, Change change) {
    if (!topic.table().isKeyless() || snapshot(topic.table().name()) == null) {
      return false;
    }
    Running running = current;
    return running == null
        || running.snapshot().topic() != topic
        || running.snapshot().leavesOut(change);
  }

  /** Whether nothing can be committed now. */
  boolean isHolding() {
    return current != null && current.snapshot().isHolding();
  }

  /** The stream changed a row. */
  void changed(ChangeTopic topic, byte[] key) {
    Running running = current;
    if (running != null && running.snapshot().topic() == topic) {
      running.snapshot().changed(key);
    }
  }

  /** The stream altered a table, so that rows are others that no change tells of. */
  void altered(ChangeTopic topic) {
    String table = topic.table().name();
    TableState state = Objects.requireNonNull(states.get(table));
    if (topic.table().appendOnly()) {
      return;
    }
    Running running = current;
    if (running != null && running.snapshot().topic() == topic) {
      again(running);
    }
    TableState.Progress progress = state.snapshot();
    if (progress == null) {
      LOG.info("Table {} was altered: it gets a snapshot", table);
    }
    put(
        table,
        new TableState(
            state.shape(), progress == null ? TableState.Progress.of(false) : progress.again()));
    show();
  }

  /** The stream emptied a table: what a snapshot of it has read is gone. */
  void emptied(ChangeTopic topic) {
    Running running = current;
    if (running != null && running.snapshot().topic() == topic) {
      again(running);
    }
  }

  /**
   * Goes on, between two source transactions.
   *
   * @param reached up to where the stream has all that was committed
   * @return whether there is something new to commit
   */
  boolean turn(SourceOffset reached, RunningSnapshot.Output output) {
    news = false;
    for (Reshaped next = reshaped.poll(); next != null; next = reshaped.poll()) {
      reshape(next);
    }
    for (SnapshotDesk.Asked next = desk.next(); next != null; next = desk.next()) {
      obey(next);
    }
    Running running = current;
    if (running == null) {
      running = next();
      current = running;
    }
    if (running != null) {
      turn(running, reached, output);
    }
    if (news && !ends) {
      show();
    }
    return news;
  }

  private void turn(Running running, SourceOffset reached, RunningSnapshot.Output output) {
    RunningSnapshot snapshot = running.snapshot();
    switch (snapshot.turn(reached, output)) {
      case NOTHING -> {}
      case MORE -> {
        keep(running, snapshot.progress());
        logProgress(running);
      }
      case CHANGED -> again(running);
      case REFUSED -> {
        String refusal = snapshot.refusal();
        end();
        ended(running, AskedSnapshot.Outcome.FAILED, refusal);
        LOG.warn("Snapshot of table {} failed: {}", running.table(), refusal);
      }
      case DONE -> {
        end();
        ended(running, AskedSnapshot.Outcome.DONE, null);
        LOG.info(
            "Snapshot of table {} complete: {} rows", running.table(), snapshot.progress().rows());
      }
    }
  }

  private void logProgress(Running running) {
    if (System.nanoTime() - loggedNanos >= PROGRESS.toNanos()) {
      loggedNanos = System.nanoTime();
      TableState.Progress progress = running.snapshot().progress();
      LOG.info(
          "Snapshot of table {}: {} rows of about {}",
          running.table(),
          progress.rows(),
          Math.max(progress.rows(), progress.estimate()));
    }
  }

  /** Those that make a topic complete come first. */
  private @Nullable Running next() {
    for (Map.Entry<String, TableState> state : states.entrySet()) {
      TableState.Progress progress = state.getValue().snapshot();
      ChangeTopic topic = topics.get(state.getKey());
      if (progress != null && !progress.paused() && topic != null) {
        return running(topic, progress, null);
      }
    }
    return asked
        .next(table -> topics.containsKey(table) && snapshot(table) == null)
        .map(one -> running(Objects.requireNonNull(topics.get(one.table())), one.progress(), one))
        .orElse(null);
  }

  private Running running(
      ChangeTopic topic, TableState.Progress progress, @Nullable AskedSnapshot one) {
    loggedNanos = System.nanoTime();
    String condition = one == null ? null : one.condition();
    return new Running(
        topic.table().isKeyless()
            ? new KeylessSnapshot(rounds, topic, rows, barrier, progress)
            : new TableSnapshot(rounds, topic, rows, barrier, condition, progress),
        one);
  }

  private void obey(SnapshotDesk.Asked one) {
    SnapshotCommand command = one.command();
    String table = tableOf(command.id());
    SnapshotCommand.Answer answer;
    if (table == null) {
      AskedSnapshots.Effect effect = asked.after(command);
      asked = effect.list();
      answer = effect.answer();
    } else {
      answer = obey(command, table);
    }
    if (answer != SnapshotCommand.Answer.ACCEPTED) {
      one.answer().complete(answer);
      return;
    }
    unanswered.add(one);
    news = true;
    LOG.info("Snapshot {} is {}", command.id(), command.done());
    if (current != null && !goesOn(current)) {
      end();
    }
  }

  /** About a snapshot that no one asked for. */
  private SnapshotCommand.Answer obey(SnapshotCommand command, String table) {
    TableState state = Objects.requireNonNull(states.get(table));
    TableState.Progress progress = Objects.requireNonNull(state.snapshot());
    if (command instanceof SnapshotCommand.Stop) {
      return SnapshotCommand.Answer.NEEDED;
    }
    put(
        table,
        new TableState(state.shape(), progress.paused(command instanceof SnapshotCommand.Pause)));
    return SnapshotCommand.Answer.ACCEPTED;
  }

  /** The table of an open snapshot that no one asked for; null when the id is of another one. */
  private @Nullable String tableOf(String id) {
    return states.keySet().stream()
        .filter(table -> id.equals(automatic(table)) && snapshot(table) != null)
        .findFirst()
        .orElse(null);
  }

  private static String automatic(String table) {
    return "auto-" + table;
  }

  private boolean goesOn(Running running) {
    TableState.Progress progress = progress(running);
    return running.snapshot().isHolding() || (progress != null && !progress.paused());
  }

  /** As the next offset has it; null when it is not to be taken any more. */
  private TableState.@Nullable Progress progress(Running running) {
    AskedSnapshot one = running.asked();
    return one == null
        ? snapshot(running.table())
        : asked
            .find(one.id(), one.table())
            .filter(now -> !now.isOver())
            .map(AskedSnapshot::progress)
            .orElse(null);
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
      barrier = now.barrier();
      LOG.info("Table {} was altered: it gets a snapshot", now.table());
    }
  }

  /** From the beginning. */
  private void again(Running running) {
    end();
    LOG.info(
        "Snapshot of table {} begins again: the table was altered or emptied", running.table());
    keep(running, running.snapshot().progress().again());
  }

  private void end() {
    if (current != null) {
      current.snapshot().close();
      current = null;
    }
  }

  private void keep(Running running, TableState.Progress progress) {
    AskedSnapshot one = running.asked();
    if (one == null) {
      put(running.table(), new TableState(shape(running.table()), progress));
    } else {
      asked = asked.with(one.id(), one.table(), progress);
      news = true;
    }
  }

  private void ended(Running running, AskedSnapshot.Outcome outcome, @Nullable String failure) {
    AskedSnapshot one = running.asked();
    TableState.Progress progress = running.snapshot().progress();
    String table = running.table();
    ends = true;
    keep(running, progress);
    if (one == null) {
      put(table, new TableState(shapeAfter(table, progress), null));
      asked =
          asked.ended(
              AskedSnapshot.of(automatic(table), table, null)
                  .with(progress)
                  .ended(outcome, failure));
    } else {
      asked = asked.ended(one.id(), one.table(), outcome, failure);
    }
  }

  private @Nullable String shape(String table) {
    TableState state = states.get(table);
    return state == null ? null : state.shape();
  }

  private TableState.@Nullable Progress snapshot(String table) {
    TableState state = states.get(table);
    return state == null ? null : state.snapshot();
  }

  private @Nullable String shapeAfter(String table, TableState.Progress progress) {
    String before = shape(table);
    if (progress.shape() == null) {
      return before;
    }
    return before == null
        ? progress.shape()
        : TableShape.of(progress.shape()).after(TableShape.of(before)).toString();
  }

  private void put(String table, TableState state) {
    SortedMap<String, TableState> now = new TreeMap<>(states);
    now.put(table, state);
    states = now;
    news = true;
  }

  private void show() {
    List<SnapshotView> views = new ArrayList<>();
    Running running = current;
    states.forEach(
        (table, state) -> {
          if (state.snapshot() != null) {
            views.add(
                SnapshotView.of(
                    AskedSnapshot.of(automatic(table), table, null).with(state.snapshot()),
                    running != null && running.asked() == null && running.table().equals(table)));
          }
        });
    asked
        .all()
        .forEach(
            one -> views.add(SnapshotView.of(one, running != null && one.is(running.asked()))));
    desk.show(List.copyOf(views));
  }

  /** What was not committed is left to the next run. */
  @Override
  public void close() {
    end();
    unanswered.reversed().forEach(desk::again);
    unanswered.clear();
    desk.keyless(Set.of());
    desk.show(null);
  }
}

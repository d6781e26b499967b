package io.millrace.cdc;

import io.millrace.cdc.AskedSnapshot.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What is to be done with snapshots that were asked for, in the order of the requests. */
record AskedSnapshots(List<AskedSnapshot> all) {
  /** Every commit writes the list. */
  static final int MOST_OPEN = 100;

  private static final int MOST_OVER = 20;

  AskedSnapshots {
    all = List.copyOf(all);
  }

  /** The next one to be taken. */
  Optional<AskedSnapshot> next(Predicate<String> ready) {
    return all.stream()
        .filter(one -> !one.isOver() && !one.progress().paused() && ready.test(one.table()))
        .findFirst();
  }

  Optional<AskedSnapshot> find(String id, String table) {
    return all.stream().filter(is(id, table)).findFirst();
  }

  /** Does what was asked; says what became of it, with the list behind it. */
  Effect after(SnapshotCommand command) {
    List<AskedSnapshot> named = all.stream().filter(one -> one.id().equals(command.id())).toList();
    return switch (command) {
      case SnapshotCommand.Take take -> named.isEmpty() ? take(take) : accepted(this);
      case SnapshotCommand.Pause _ ->
          open(named, one -> one.with(one.progress().paused(true)), null);
      case SnapshotCommand.Resume _ ->
          open(named, one -> one.with(one.progress().paused(false)), null);
      case SnapshotCommand.Stop _ ->
          open(named, one -> one.ended(Outcome.STOPPED, null), Outcome.STOPPED);
    };
  }

  /** A list, and what to answer who asked for it. */
  record Effect(AskedSnapshots list, SnapshotCommand.Answer answer) {}

  private static Effect accepted(AskedSnapshots list) {
    return new Effect(list, SnapshotCommand.Answer.ACCEPTED);
  }

  private Effect take(SnapshotCommand.Take take) {
    List<AskedSnapshot> longer = new ArrayList<>(all);
    take.tables()
        .forEach(table -> longer.add(AskedSnapshot.of(take.id(), table, take.condition())));
    return longer.stream().filter(one -> !one.isOver()).count() > MOST_OPEN
        ? new Effect(this, SnapshotCommand.Answer.TOO_MANY)
        : accepted(new AskedSnapshots(longer));
  }

  /** Changes those of {@code named} that are not over. */
  private Effect open(
      List<AskedSnapshot> named, UnaryOperator<AskedSnapshot> change, @Nullable Outcome already) {
    if (named.isEmpty()) {
      return new Effect(this, SnapshotCommand.Answer.UNKNOWN);
    }
    if (named.stream().allMatch(AskedSnapshot::isOver)) {
      boolean repeated =
          already != null && named.stream().anyMatch(one -> one.outcome() == already);
      return new Effect(
          this, repeated ? SnapshotCommand.Answer.ACCEPTED : SnapshotCommand.Answer.OVER);
    }
    return accepted(replaced(one -> named.contains(one) && !one.isOver(), change));
  }

  /** With the progress of one. */
  AskedSnapshots with(String id, String table, TableState.Progress progress) {
    return replaced(is(id, table), one -> one.with(progress));
  }

  /** When one has ended. */
  AskedSnapshots ended(String id, String table, Outcome outcome, @Nullable String failure) {
    return replaced(is(id, table), one -> one.ended(outcome, failure));
  }

  /** When another one has ended, which nobody asked for. */
  AskedSnapshots ended(AskedSnapshot other) {
    List<AskedSnapshot> more = new ArrayList<>(all);
    more.removeIf(is(other.id(), other.table()));
    more.add(other);
    return new AskedSnapshots(trimmed(more));
  }

  /** When all tables have been read anew. */
  AskedSnapshots allDone() {
    return replaced(one -> !one.isOver(), one -> one.ended(Outcome.DONE, null));
  }

  /** When there are only these tables. */
  AskedSnapshots without(Set<String> tables) {
    return replaced(
        one -> !one.isOver() && !tables.contains(one.table()),
        one -> one.ended(Outcome.FAILED, "the table is no longer in the pipeline file"));
  }

  private static Predicate<AskedSnapshot> is(String id, String table) {
    return one -> one.id().equals(id) && one.table().equals(table);
  }

  private AskedSnapshots replaced(
      Predicate<AskedSnapshot> which, UnaryOperator<AskedSnapshot> change) {
    return new AskedSnapshots(
        trimmed(all.stream().map(one -> which.test(one) ? change.apply(one) : one).toList()));
  }

  /** Without those that were over first. */
  private static List<AskedSnapshot> trimmed(List<AskedSnapshot> list) {
    long surplus = list.stream().filter(AskedSnapshot::isOver).count() - MOST_OVER;
    List<AskedSnapshot> kept = new ArrayList<>();
    for (AskedSnapshot one : list) {
      if (one.isOver() && surplus > 0) {
        surplus--;
      } else {
        kept.add(one);
      }
    }
    return kept;
  }
}

package io.millrace.cdc;

import org.jspecify.annotations.Nullable;

/**
 * A snapshot of one table as the committed offset has it: one that someone asked for, or one that
 * is over.
 *
 * @param id of the request, which its other tables share
 * @param table name in the pipeline
 * @param condition which rows are wanted, in SQL; null: all
 * @param outcome how it ended; null while it has not
 * @param failure why it ended, when it failed
 * @param progress how far it has come
 */
public record AskedSnapshot(
    String id,
    String table,
    @Nullable String condition,
    @Nullable Outcome outcome,
    @Nullable String failure,
    TableState.Progress progress) {

  /** How a snapshot ended. */
  public enum Outcome {
    DONE,
    FAILED,
    STOPPED
  }

  static AskedSnapshot of(String id, String table, @Nullable String condition) {
    return new AskedSnapshot(id, table, condition, null, null, TableState.Progress.of(false));
  }

  /** Whether {@code other} is the same one at another time. */
  boolean is(@Nullable AskedSnapshot other) {
    return other != null && id.equals(other.id) && table.equals(other.table);
  }

  boolean isOver() {
    return outcome != null;
  }

  AskedSnapshot with(TableState.Progress now) {
    return new AskedSnapshot(id, table, condition, outcome, failure, now);
  }

  AskedSnapshot ended(Outcome how, @Nullable String why) {
    return new AskedSnapshot(id, table, condition, how, why, progress.summary());
  }
}

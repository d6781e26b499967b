package io.millrace.cdc;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of a table as it is shown: nothing of its rows.
 *
 * @param estimatedRows of the whole table, by the database's statistics; 0 when not known
 * @param startedAt as ISO 8601; null before
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record SnapshotView(
    @JsonProperty("id") String id,
    @JsonProperty("table") String table,
    @JsonProperty("condition") @Nullable String condition,
    @JsonProperty("state") State state,
    @JsonProperty("rows") long rows,
    @JsonProperty("estimated_rows") long estimatedRows,
    @JsonProperty("started_at") @Nullable String startedAt,
    @JsonProperty("failure") @Nullable String failure) {

  /** How it stands. */
  enum State {
    PENDING,
    RUNNING,
    PAUSED,
    DONE,
    FAILED,
    STOPPED;

    /** As JSON and metrics have it. */
    @com.fasterxml.jackson.annotation.JsonValue
    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static SnapshotView of(AskedSnapshot snapshot, boolean running) {
    TableState.Progress progress = snapshot.progress();
    return new SnapshotView(
        snapshot.id(),
        snapshot.table(),
        snapshot.condition(),
        state(snapshot, running),
        progress.rows(),
        progress.estimate(),
        progress.startedMicros() == 0
            ? null
            : Instant.EPOCH.plus(progress.startedMicros(), ChronoUnit.MICROS).toString(),
        snapshot.failure());
  }

  private static State state(AskedSnapshot snapshot, boolean running) {
    AskedSnapshot.Outcome outcome = snapshot.outcome();
    if (outcome != null) {
      return switch (outcome) {
        case DONE -> State.DONE;
        case FAILED -> State.FAILED;
        case STOPPED -> State.STOPPED;
      };
    }
    if (snapshot.progress().paused()) {
      return State.PAUSED;
    }
    return running ? State.RUNNING : State.PENDING;
  }
}

package io.millrace.cdc;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something to be done about snapshots of single tables. Doing it twice is doing it once: what is
 * not known to be committed is done again.
 */
sealed interface SnapshotCommand {
  /** Of the request that asked for the snapshots. */
  String id();

  /** What has been done, for messages. */
  default String done() {
    return switch (this) {
      case Take take -> "asked for: " + String.join(", ", take.tables());
      case Pause _ -> "paused";
      case Resume _ -> "resumed";
      case Stop _ -> "stopped";
    };
  }

  /**
   * Read tables again.
   *
   * @param condition which rows of the one table, in SQL; null: all rows
   */
  record Take(String id, List<String> tables, @Nullable String condition)
      implements SnapshotCommand {
    public Take {
      tables = List.copyOf(tables);
    }
  }

  /** Wait where it is. */
  record Pause(String id) implements SnapshotCommand {}

  /** Go on. */
  record Resume(String id) implements SnapshotCommand {}

  /** Leave it. */
  record Stop(String id) implements SnapshotCommand {}

  /** What became of it. */
  enum Answer {
    /** Kafka has it. */
    ACCEPTED,
    /** No snapshot has the id. */
    UNKNOWN,
    /** The snapshot has ended. */
    OVER,
    /** The snapshot makes its topic complete: it cannot be left. */
    NEEDED,
    /** Enough others are waiting. */
    TOO_MANY,
    /** Nothing can be done now, and nothing was. */
    WITHDRAWN,
    /** Whether Kafka has it is not known. */
    UNCERTAIN
  }
}

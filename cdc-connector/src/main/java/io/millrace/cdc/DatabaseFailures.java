package io.millrace.cdc;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells a database that will be back from one that refuses. */
final class DatabaseFailures {
  /**
   * Connection exceptions; no room for more; stopped by an operator; failing of the system around
   * it.
   */
  private static final List<String> TRANSIENT_CLASSES = List.of("08", "53", "57", "58");

  /** Someone reads from the slot; or the server is not yet a primary. */
  private static final Set<String> TRANSIENT = Set.of("55006", "55000");

  private DatabaseFailures() {}

  /** Whether the failure comes from a database that is away or has no room for now. */
  static boolean isTransient(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = next(cause)) {
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        String state = sql.getSQLState();
        return TRANSIENT_CLASSES.stream().anyMatch(state::startsWith) || TRANSIENT.contains(state);
      }
      if (cause instanceof IOException) {
        return true;
      }
    }
    return false;
  }

  /** What the innermost cause that says anything says, in one line. */
  static String message(Throwable failure) {
    String message = failure.getClass().getSimpleName();
    for (Throwable cause = failure; cause != null; cause = next(cause)) {
      if (cause.getMessage() != null && !cause.getMessage().isBlank()) {
        message = cause.getMessage().strip().lines().findFirst().orElse(message);
      }
    }
    return message;
  }

  private static @Nullable Throwable next(Throwable failure) {
    return failure.getCause();
  }
}

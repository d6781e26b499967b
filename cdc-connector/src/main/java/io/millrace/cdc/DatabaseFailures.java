package io.millrace.cdc;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells a database that will be back from one that refuses. */
final class DatabaseFailures {
  /** Shutting down, crashed, starting up, too many connections. */
  private static final Set<String> TRANSIENT = Set.of("57P01", "57P02", "57P03", "53300");

  /** Of class 08, connection exceptions. */
  private static final String CONNECTION = "08";

  private DatabaseFailures() {}

  /** Whether the failure comes from a lost connection. */
  static boolean isTransient(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = next(cause)) {
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        String state = sql.getSQLState();
        return state.startsWith(CONNECTION) || TRANSIENT.contains(state);
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

package io.millrace.cdc.binlog;

import io.millrace.cdc.SourceUnreachableException;
import io.millrace.cdc.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Set;

/** What a server has against a condition of a snapshot. */
final class TableCondition {
  private static final int SECONDS = 10;

  /** Not the server's fault but the condition's: too many rows, values, a write, a function. */
  private static final Set<String> CLASSES = Set.of("21", "22", "25", "42", "45");

  /** Took longer than the server lets a statement take: MySQL, MariaDB. */
  private static final Set<Integer> TOO_LONG = Set.of(3024, 1969);

  private TableCondition() {}

  /**
   * Asks the server what it thinks of a condition.
   *
   * @return why it refuses it; empty when it does not
   * @throws SourceUnreachableException when it does not answer
   */
  static Optional<String> problem(BinlogDatabase database, TableName table, String condition) {
    if (condition.contains("#") || condition.contains("`")) {
      return Optional.of("it must have no # and no backtick, also not in a string");
    }
    try (Connection connection = database.connectToRead();
        Statement statement = connection.createStatement()) {
      statement.execute("START TRANSACTION READ ONLY");
      statement.setEscapeProcessing(false);
      statement.setQueryTimeout(SECONDS);
      statement.execute(
          "EXPLAIN SELECT 1 FROM %s WHERE (%s)".formatted(Identifiers.quoted(table), condition));
      return Optional.empty();
    } catch (SQLException e) {
      if (e.getSQLState() == null || e.getSQLState().startsWith("08")) {
        throw new SourceUnreachableException(BinlogDatabase.firstLine(e), e, true);
      }
      return Optional.of(BinlogDatabase.firstLine(e));
    }
  }

  /** Whether it is the condition that fails. */
  static boolean isRefused(SQLException e) {
    String state = e.getSQLState();
    return TOO_LONG.contains(e.getErrorCode())
        || (state != null && state.length() == 5 && CLASSES.contains(state.substring(0, 2)));
  }

  /** Why, without what the server says: it may quote a row. */
  static String refusal(SQLException e) {
    return ("the server cannot evaluate the condition on every row (error %d): what was read so far"
            + " is in the topic, ask again with another condition")
        .formatted(e.getErrorCode());
  }
}

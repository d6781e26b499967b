package io.millrace.cdc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** What a snapshot of a single table asks PostgreSQL for. */
final class SnapshotSelect {
  /**
   * Not the database's fault but the condition's: several rows where one is due, a value that
   * cannot be computed, a name or type that is not there, too complex, raised by a function.
   */
  private static final Set<String> CONDITION_CLASSES = Set.of("21", "22", "42", "54", "P0");

  /** A write in a transaction that only reads; cancelled by a limit in time. */
  private static final Set<String> CONDITION_STATES = Set.of("25006", "57014");

  private SnapshotSelect() {}

  /** The rows of a table behind a key, in its order; in any order of a table without a key. */
  static String rows(
      Connection connection,
      CapturedTable table,
      List<Column> columns,
      List<String> after,
      @Nullable String condition)
      throws SQLException {
    String key = names(table.primaryKey());
    List<String> wanted = new ArrayList<>();
    if (!after.isEmpty()) {
      List<String> values = new ArrayList<>();
      for (String value : after) {
        values.add("'" + connection.unwrap(PGConnection.class).escapeLiteral(value) + "'");
      }
      wanted.add("(%s) > (%s)".formatted(key, String.join(", ", values)));
    }
    if (condition != null) {
      wanted.add("(" + condition + ")");
    }
    return "SELECT %s FROM %s%s%s"
        .formatted(
            names(columns.stream().map(Column::name).toList()),
            table.from().sql(),
            wanted.isEmpty() ? "" : " WHERE " + String.join(" AND ", wanted),
            table.isKeyless() ? "" : " ORDER BY " + key);
  }

  /**
   * Asks the database what it thinks of a condition, without reading a row.
   *
   * @return why it refuses it; empty when it does not
   * @throws SourceUnreachableException when it does not answer
   */
  static Optional<String> problem(SourceDatabase database, TableName table, String condition) {
    try (Connection connection = database.connect()) {
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.setEscapeProcessing(false);
        statement.execute("SET LOCAL statement_timeout = '10s'");
        statement.execute("EXPLAIN SELECT FROM %s WHERE (%s)".formatted(table.sql(), condition));
      } catch (SQLException e) {
        if (isRefused(e)) {
          return Optional.of(DatabaseFailures.message(e));
        }
        throw e;
      }
      connection.rollback();
      return Optional.empty();
    } catch (SQLException e) {
      throw new SourceUnreachableException(DatabaseFailures.message(e), e, true);
    }
  }

  /** Whether it is the condition that fails. */
  static boolean isRefused(SQLException e) {
    String state = e.getSQLState();
    return state != null
        && state.length() == 5
        && (CONDITION_CLASSES.contains(state.substring(0, 2)) || CONDITION_STATES.contains(state));
  }

  /** Why, without what the database says: it may quote a row. */
  static String refusal(SQLException e) {
    return ("PostgreSQL cannot evaluate the condition on every row (SQLSTATE %s): what was read so"
            + " far is in the topic, ask again with another condition")
        .formatted(e.getSQLState());
  }

  private static String names(List<String> names) {
    return names.stream().map(TableName::quoted).collect(Collectors.joining(", "));
  }
}

package io.millrace.cdc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;

/**
 * Which transactions a snapshot of PostgreSQL sees. The log has the lower 32 bits of their ids, and
 * so has this: ids of one time are never further apart than half of that.
 *
 * @param from every transaction before it is seen
 * @param to it and every one after it is not
 * @param running of those between, the ones that are not seen
 */
record SeenTransactions(int from, int to, Set<Integer> running) implements LongPredicate {
  SeenTransactions {
    running = Set.copyOf(running);
  }

  /** What the connection's transaction sees. */
  static SeenTransactions of(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet snapshot = statement.executeQuery("SELECT txid_current_snapshot()::text")) {
      snapshot.next();
      return of(snapshot.getString(1));
    }
  }

  /** Of PostgreSQL's text: {@code from:to:running,running}. */
  static SeenTransactions of(String text) {
    String[] parts = text.split(":", -1);
    return new SeenTransactions(
        (int) Long.parseLong(parts[0]),
        (int) Long.parseLong(parts[1]),
        Arrays.stream(parts[2].split(","))
            .filter(id -> !id.isEmpty())
            .map(id -> (int) Long.parseLong(id))
            .collect(Collectors.toUnmodifiableSet()));
  }

  /** Whether the transaction with this id is seen. */
  @Override
  public boolean test(long transaction) {
    int id = (int) transaction;
    return id - from < 0 || (id - to < 0 && !running.contains(id));
  }
}

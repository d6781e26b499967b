package io.millrace.cdc.binlog;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The schema history of one reader: what Kafka has of it, and the statements that were read since
 * and wait for the Kafka transaction of the first offset behind them. Debezium stores a statement
 * when it reads it, ahead of what is taken from its queue.
 *
 * <p>Thread-safe.
 */
final class PendingHistory {
  private final List<byte[]> committed;
  private final Deque<Statement> pending = new ArrayDeque<>();

  PendingHistory(List<byte[]> committed) {
    this.committed = List.copyOf(committed);
  }

  /**
   * A statement.
   *
   * @param begin where its transaction begins
   * @param json Debezium's record of it
   */
  record Statement(BinlogPosition begin, String json) {}

  List<byte[]> committed() {
    return committed;
  }

  synchronized void add(Statement statement) {
    pending.add(statement);
  }

  /** Removes and returns the statements up to the transaction that begins at a place. */
  synchronized List<byte[]> take(BinlogPosition begin) {
    List<byte[]> taken = new ArrayList<>();
    while (!pending.isEmpty() && pending.peek().begin().compareTo(begin) <= 0) {
      taken.add(pending.remove().json().getBytes(StandardCharsets.UTF_8));
    }
    return taken;
  }
}

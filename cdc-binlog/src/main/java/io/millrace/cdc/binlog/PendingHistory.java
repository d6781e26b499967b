package io.millrace.cdc.binlog;

import io.debezium.document.Document;
import io.millrace.cdc.TableName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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
  private final Definitions definitions;

  /** How many of {@link #pending} were looked at. */
  private int applied;

  /**
   * A history that goes on.
   *
   * @param captured tables of which it tells when a statement alters their rows
   */
  PendingHistory(Collection<TableName> captured, List<byte[]> committed) {
    this.committed = List.copyOf(committed);
    this.definitions = Definitions.of(captured, committed);
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

  /** Adds the definitions of tables that join, behind the statements before their place. */
  synchronized void define(BinlogPlace place, JoiningTables tables) {
    Document source =
        Definitions.read(new String(committed.getLast(), StandardCharsets.UTF_8))
            .getDocument("source");
    List<Statement> all = new ArrayList<>(pending);
    for (Statement statement : tables.statements(place, source)) {
      int behind = 0;
      while (behind < all.size() && all.get(behind).begin().compareTo(statement.begin()) <= 0) {
        behind++;
      }
      all.add(behind, statement);
    }
    pending.clear();
    pending.addAll(all);
  }

  /** Removes and returns the statements up to the transaction that begins at a place. */
  synchronized List<byte[]> take(BinlogPosition begin) {
    List<byte[]> taken = new ArrayList<>();
    while (!pending.isEmpty() && pending.peek().begin().compareTo(begin) <= 0) {
      applied = Math.max(applied - 1, 0);
      taken.add(pending.remove().json().getBytes(StandardCharsets.UTF_8));
    }
    return taken;
  }

  /**
   * Tables whose rows a statement altered: of those up to the transaction that begins at a place,
   * each once, before they are taken.
   */
  synchronized Set<TableName> altered(BinlogPosition begin) {
    Set<TableName> altered = new HashSet<>();
    int statement = 0;
    for (Statement next : pending) {
      if (next.begin().compareTo(begin) > 0) {
        break;
      }
      if (statement++ == applied) {
        altered.addAll(definitions.apply(next.json()));
        applied++;
      }
    }
    return altered;
  }
}

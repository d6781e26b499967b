package io.millrace.cdc.binlog;

import io.millrace.cdc.SnapshotRound;
import io.millrace.cdc.TableName;
import io.millrace.cdc.UncapturableException;
import io.millrace.pipeline.SourceTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * Reads a table, or its rest, in a transaction whose snapshot holds all that the stream had when
 * the round began, and nothing behind a place of the log. Of what was committed in between it may
 * hold some: rows that the stream changes until it has come to the place are left to the stream.
 *
 * <p>No statement changes the table meanwhile: the transaction has used it, and before it another
 * one has, for a moment. It reads a chunk at a time, so the server never waits for us to take rows.
 */
final class BinlogRound implements SnapshotRound.Reading {
  private static final int LOCK_WAIT_SECONDS = 5;
  private static final long PAUSE_MILLIS = 500;
  private static final String NO_TABLE = "42S02";

  /** Waited for a lock; the table was altered after the snapshot. */
  private static final Set<Integer> BUSY = Set.of(1205, 1213, 1412);

  private final BinlogDatabase database;
  private final SourceTable table;
  private final TableName name;
  private final List<String> after;
  private final @Nullable String condition;
  private final BinlogPlace begun;

  /**
   * A round.
   *
   * @param after key of the last row that is not wanted any more; empty to begin with the first
   * @param condition which rows are wanted, in SQL; null: all
   * @param begun what the stream has: what it changes from there on is known
   */
  BinlogRound(
      BinlogDatabase database,
      SourceTable table,
      List<String> after,
      @Nullable String condition,
      BinlogPlace begun) {
    this.database = database;
    this.table = table;
    this.name = TableName.of(table.from());
    this.after = List.copyOf(after);
    this.condition = condition;
    this.begun = begun;
  }

  @Override
  public void read(SnapshotRound round) throws SQLException, InterruptedException {
    try (Connection reading = round.opened(database.connectToRead())) {
      execute(reading, "SET SESSION lock_wait_timeout = " + LOCK_WAIT_SECONDS);
      BinlogTable now = enter(round, reading);
      try {
        readRows(round, reading, new BinlogRows(now));
      } catch (SQLException e) {
        if (condition == null || !TableCondition.isRefused(e)) {
          throw e;
        }
        round.refuse(TableCondition.refusal(e));
      }
    }
  }

  /** Begins the transaction that reads, when it can be. */
  private BinlogTable enter(SnapshotRound round, Connection reading)
      throws SQLException, InterruptedException {
    while (true) {
      try (Connection guard = round.opened(database.connectToRead())) {
        execute(guard, "SET SESSION lock_wait_timeout = " + LOCK_WAIT_SECONDS);
        execute(guard, "START TRANSACTION READ ONLY");
        use(guard);
        Optional<BinlogServer.Moment> moment =
            database.server().beginSnapshot(reading, begun.state());
        if (moment.isPresent()) {
          use(reading);
          return entered(round, reading, moment.get());
        }
      } catch (SQLException e) {
        if (NO_TABLE.equals(e.getSQLState())) {
          throw new UncapturableException(
              "Table %s does not exist: create it, or remove it from source.tables"
                  .formatted(table.from()));
        }
        if (!BUSY.contains(e.getErrorCode())) {
          throw e;
        }
      }
      execute(reading, "ROLLBACK");
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** From now on the transaction keeps the table's definition as it is. */
  private void use(Connection connection) throws SQLException {
    execute(connection, "SELECT 1 FROM %s LIMIT 0".formatted(Identifiers.quoted(name)));
  }

  private BinlogTable entered(SnapshotRound round, Connection reading, BinlogServer.Moment moment)
      throws SQLException {
    BinlogTables catalog = new BinlogTables(reading, database.settings().user());
    BinlogTable now = catalog.read(table);
    if (now == null) {
      throw new UncapturableException(String.join("\n- ", catalog.problems()));
    }
    BinlogPosition place = new BinlogPosition(moment.file(), moment.position());
    round.at(
        new SnapshotRound.Place(
            reached -> BinlogPlace.of(reached).hasPassed(moment, database.server().gtids()),
            // Changes have the place where their transaction begins, which is no earlier.
            place.asNumber() - 1,
            ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()),
            null,
            now.captured().columns(),
            estimate(reading),
            null));
    return now;
  }

  private long estimate(Connection reading) throws SQLException {
    try (PreparedStatement query =
        reading.prepareStatement(
            "SELECT TABLE_ROWS FROM information_schema.TABLES"
                + " WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?")) {
      query.setString(1, name.schema());
      query.setString(2, name.table());
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }

  private void readRows(SnapshotRound round, Connection reading, BinlogRows rows)
      throws SQLException, InterruptedException {
    long end = System.nanoTime() + database.settings().snapshotTransaction().toNanos();
    List<String> last = after;
    SnapshotRound.Next next = SnapshotRound.Next.MORE;
    while (next == SnapshotRound.Next.MORE) {
      List<SnapshotRound.Row> chunk = new ArrayList<>();
      try (Statement query = reading.createStatement()) {
        query.setEscapeProcessing(false);
        try (ResultSet row =
            query.executeQuery(rows.select(last, condition, SnapshotRound.CHUNK_ROWS))) {
          while (row.next()) {
            Struct values = rows.row(row);
            chunk.add(new SnapshotRound.Row(rows.key(values), values));
            last = rows.keyText(row);
          }
        }
      }
      if (chunk.size() < SnapshotRound.CHUNK_ROWS) {
        next = SnapshotRound.Next.NOTHING;
      } else if (System.nanoTime() - end > 0) {
        next = SnapshotRound.Next.ROUND;
      }
      round.put(new SnapshotRound.Chunk(chunk, last, next));
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}

package io.millrace.cdc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * Reads a table, or its rest, as it was at one place of PostgreSQL's log: in the snapshot that
 * comes with a new replication slot, so that it is known which transactions it holds, exactly those
 * that the log has before that place. The slot is temporary and goes as soon as the snapshot is
 * taken.
 */
final class PostgresRound implements SnapshotRound.Reading {
  private static final int LONGEST_NAME = 63;

  private final CdcSettings settings;
  private final CapturedTable table;
  private final List<String> after;
  private final @Nullable String condition;

  /**
   * A round.
   *
   * @param after key of the last row that is not wanted any more; empty to begin with the first
   * @param condition which rows are wanted, in SQL; null: all
   */
  PostgresRound(
      CdcSettings settings, CapturedTable table, List<String> after, @Nullable String condition) {
    this.settings = settings;
    this.table = table;
    this.after = List.copyOf(after);
    this.condition = condition;
  }

  @Override
  public void read(SnapshotRound round) throws SQLException, InterruptedException {
    try (Connection reading = round.opened(settings.database().connect())) {
      try (Statement statement = reading.createStatement()) {
        statement.execute("SET TimeZone = 'UTC'");
      }
      reading.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      reading.setReadOnly(true);
      reading.setAutoCommit(false);
      List<Column> columns = enter(round, reading);
      readWanted(round, reading, columns);
      reading.rollback();
    }
  }

  /**
   * Begins the transaction that reads. The lock comes before the snapshot: a TRUNCATE or a rewrite
   * between the two would leave a table that is empty in the snapshot.
   *
   * @return columns of the rows
   */
  private List<Column> enter(SnapshotRound round, Connection reading) throws SQLException {
    try (Statement statement = reading.createStatement();
        Connection replication = round.opened(settings.database().connectForReplication())) {
      statement.execute("LOCK TABLE %s IN ACCESS SHARE MODE".formatted(table.from().sql()));
      long begins = insertLsn(round);
      try (Statement create = replication.createStatement();
          ResultSet slot =
              create.executeQuery(
                  "CREATE_REPLICATION_SLOT %s TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT"
                      .formatted(slotName()))) {
        slot.next();
        long consistent = Lsn.of(slot.getString("consistent_point"));
        statement.execute(
            "SET TRANSACTION SNAPSHOT '%s'".formatted(slot.getString("snapshot_name")));
        List<Column> columns = SourceTables.columns(reading, table.from());
        round.at(
            new SnapshotRound.Place(
                reached -> Lsn.of(reached) >= consistent,
                // No record of the log begins at an odd place, so no change has this one.
                begins - 1,
                ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()),
                TableShape.read(reading, table.from()).toString(),
                columns,
                estimate(reading),
                SeenTransactions.of(reading)));
        return columns;
      }
    }
  }

  private long estimate(Connection reading) throws SQLException {
    try (PreparedStatement query =
        reading.prepareStatement(
            "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = ?::regclass")) {
      query.setString(1, table.from().sql());
      try (ResultSet rows = query.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  private long insertLsn(SnapshotRound round) throws SQLException {
    try (Connection connection = round.opened(settings.database().connect())) {
      return ReplicationSlot.insertLsn(connection);
    }
  }

  /** Another one each time: the last one can live on for a moment after a crash. */
  private String slotName() {
    String suffix = "_s" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    String base = settings.slot().name();
    return base.substring(0, Math.min(base.length(), LONGEST_NAME - suffix.length())) + suffix;
  }

  private void readWanted(SnapshotRound round, Connection reading, List<Column> columns)
      throws SQLException, InterruptedException {
    try {
      readRows(round, reading, columns);
    } catch (SQLException e) {
      if (condition == null || !SnapshotSelect.isRefused(e)) {
        throw e;
      }
      round.refuse(SnapshotSelect.refusal(e));
    }
  }

  private void readRows(SnapshotRound round, Connection reading, List<Column> columns)
      throws SQLException, InterruptedException {
    TextRows text = new TextRows(columns, table.primaryKey());
    long end = System.nanoTime() + settings.snapshotTransaction().toNanos();
    String select = SnapshotSelect.rows(reading, table, columns, after, condition);
    try (Statement query = reading.createStatement()) {
      query.setEscapeProcessing(false);
      query.setFetchSize(SnapshotRound.CHUNK_ROWS);
      try (ResultSet rows = query.executeQuery(select)) {
        List<SnapshotRound.Row> chunk = new ArrayList<>();
        List<String> lastKey = List.of();
        while (rows.next()) {
          if (chunk.size() == SnapshotRound.CHUNK_ROWS) {
            boolean enough = !table.isKeyless() && System.nanoTime() - end > 0;
            round.put(
                new SnapshotRound.Chunk(
                    chunk, lastKey, enough ? SnapshotRound.Next.ROUND : SnapshotRound.Next.MORE));
            if (enough) {
              return;
            }
            chunk = new ArrayList<>();
          }
          Struct row = text.row(rows);
          chunk.add(new SnapshotRound.Row(text.key(row), row));
          lastKey = text.keyText(rows);
        }
        round.put(new SnapshotRound.Chunk(chunk, lastKey, SnapshotRound.Next.NOTHING));
      }
    }
  }
}

package io.millrace.local.lake;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;

/**
 * PostgreSQL's; places are LSNs.
 *
 * @param slot the connector's replication slot
 */
record PostgresLog(Connection connection, String slot) implements SourceLog {
  @Override
  public boolean isPast(Instant time) throws SQLException {
    return isTrue("SELECT clock_timestamp() >= CAST(? AS timestamptz)", time.toString());
  }

  @Override
  public String end() throws SQLException {
    return SourceLog.text(connection, "SELECT pg_current_wal_insert_lsn()");
  }

  /** The slot is told of a place when Kafka has all that was committed before it. */
  @Override
  public boolean isCaptured(String lsn) throws SQLException {
    return isTrue(
        "SELECT coalesce(bool_or(confirmed_flush_lsn >= CAST(? AS pg_lsn)), false)"
            + " FROM pg_replication_slots WHERE slot_name = ?",
        lsn,
        slot);
  }

  private boolean isTrue(String sql, String... values) throws SQLException {
    return SourceLog.text(connection, sql, values).equals("t");
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}

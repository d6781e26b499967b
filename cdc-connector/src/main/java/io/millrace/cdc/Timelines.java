package io.millrace.cdc;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.OptionalLong;

/**
 * PostgreSQL's timelines: a restored or promoted server begins a new one, which has the log of the
 * old one up to where it branched off.
 */
final class Timelines {
  /** The timeline is the first eight digits of a log file's name. */
  private static final String NOW =
      """
      SELECT ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint
      """;

  private Timelines() {}

  /** The timeline that the server writes. */
  static long now(Connection connection) throws SQLException {
    try (Statement query = connection.createStatement();
        ResultSet rows = query.executeQuery(NOW)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /**
   * Where a timeline left another one.
   *
   * @return the LSN up to which they are the same; empty when {@code earlier} is no ancestor
   */
  static OptionalLong branched(SourceDatabase database, long earlier, long later)
      throws SQLException {
    try (Connection connection = database.connectForReplication();
        Statement command = connection.createStatement();
        ResultSet rows = command.executeQuery("TIMELINE_HISTORY " + later)) {
      return rows.next() ? branched(rows.getBytes("content"), earlier) : OptionalLong.empty();
    }
  }

  /** Lines of a timeline, the LSN where it ended, and why; and comments. */
  static OptionalLong branched(byte[] history, long earlier) {
    return new String(history, StandardCharsets.UTF_8)
        .lines()
        .map(line -> line.strip().split("\\s+", 3))
        .filter(fields -> fields.length >= 2 && fields[0].equals(String.valueOf(earlier)))
        .mapToLong(fields -> Lsn.of(fields[1]))
        .findFirst();
  }
}

package io.millrace.cdc.mysql;

import io.millrace.cdc.binlog.BinlogServer.BinlogState;
import io.millrace.cdc.binlog.Query;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A server's binary log, as the server tells of it. */
final class MySqlLog {
  private static final Pattern NEXT = Pattern.compile("GTID_NEXT\\s*=\\s*'([^']+)'");

  /** Sizes that an event with a GTID can have: it differs between versions and transactions. */
  private static final int LEAST_SIZE = 42;

  private static final int GREATEST_SIZE = 160;

  private final Connection connection;

  MySqlLog(Connection connection) {
    this.connection = connection;
  }

  /**
   * An event.
   *
   * @param end where the next one begins
   */
  private record Event(String type, String info, long end) {
    @Nullable String gtid() {
      Matcher gtid = NEXT.matcher(info);
      return type.equals("Gtid") && gtid.find() ? gtid.group(1) : null;
    }
  }

  /** Every transaction that the server has committed. */
  static String executed(Connection connection) throws SQLException {
    return Query.text(connection, "SELECT @@GLOBAL.gtid_executed").replace("\n", "");
  }

  /** Why the log does not go on where it was read to; empty when it does. */
  Optional<String> gap(BinlogState read) throws SQLException {
    String now = executed(connection);
    if (!MySqlGtids.isWithin(read.gtids(), now)) {
      return Optional.of(
          "The server has committed GTIDs %s, but Kafka has the changes of %s: its log was reset,"
                  .formatted(now, read.gtids())
              + " or it was restored from an older backup");
    }
    String purged = Query.text(connection, "SELECT @@GLOBAL.gtid_purged").replace("\n", "");
    if (!MySqlGtids.isWithin(purged, read.gtids())) {
      return Optional.of(
          "The server has purged its log up to GTIDs %s, but Kafka has the changes of %s only"
              .formatted(purged, read.gtids()));
    }
    @Nullable Long size = sizes().get(read.file());
    if (size != null && !goesOn(read, size)) {
      return Optional.of(
          "The server's log has at %s:%d something else than what was read there: it was reset, or"
                  .formatted(read.file(), read.position())
              + " restored from an older backup");
    }
    return Optional.empty();
  }

  private Map<String, Long> sizes() throws SQLException {
    Map<String, Long> sizes = new HashMap<>();
    try (Statement query = connection.createStatement();
        ResultSet row = query.executeQuery("SHOW BINARY LOGS")) {
      while (row.next()) {
        sizes.put(row.getString(1), row.getLong(2));
      }
    }
    return sizes;
  }

  /**
   * Whether the place is as it was: the last transaction's beginning, or between two transactions,
   * the next of which was not read.
   */
  private boolean goesOn(BinlogState read, long size) {
    Optional<Event> next = event(read, read.position());
    if (next.isEmpty()) {
      return read.position() == size;
    }
    @Nullable String gtid = next.get().gtid();
    if (gtid != null) {
      return !MySqlGtids.isWithin(gtid, read.gtids());
    }
    return switch (next.get().type()) {
      case "Rotate", "Stop" -> true;
      default -> next.get().info().equals("BEGIN") && read.last().equals(gtidBefore(read));
    };
  }

  /** A transaction's GTID is in the event before its BEGIN, whose size nothing tells. */
  private @Nullable String gtidBefore(BinlogState read) {
    for (int size = LEAST_SIZE; size <= GREATEST_SIZE; size++) {
      Optional<Event> before = event(read, read.position() - size);
      if (before.isPresent() && before.get().end() == read.position()) {
        @Nullable String gtid = before.get().gtid();
        if (gtid != null) {
          return gtid;
        }
      }
    }
    return null;
  }

  /** The event at a place; empty when there is none, or the place is within one. */
  private Optional<Event> event(BinlogState read, long position) {
    try (Statement query = connection.createStatement();
        ResultSet row =
            query.executeQuery(
                "SHOW BINLOG EVENTS IN '%s' FROM %d LIMIT 1"
                    .formatted(read.file().replace("'", "''"), position))) {
      return row.next()
          ? Optional.of(
              new Event(
                  row.getString("Event_type"),
                  String.valueOf(row.getString("Info")),
                  row.getLong("End_log_pos")))
          : Optional.empty();
    } catch (SQLException e) {
      return Optional.empty();
    }
  }
}

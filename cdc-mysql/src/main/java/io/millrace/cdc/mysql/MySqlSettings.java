package io.millrace.cdc.mysql;

import io.millrace.cdc.binlog.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The settings of MySQL's own that decide whether its log can be read exactly. */
final class MySqlSettings {
  private MySqlSettings() {}

  /** All that is wrong with them, each with the statement that mends it. */
  static List<String> problems(Connection connection) throws SQLException {
    String version = Query.text(connection, "SELECT VERSION()");
    if (version.contains("MariaDB")) {
      return List.of(
          "The server is MariaDB (version %s): write 'connector: mariadb'".formatted(version));
    }
    if (connection.getMetaData().getDatabaseMajorVersion() < 8) {
      return List.of(
          "The server is MySQL %s: versions from 8.0 on are captured, upgrade it"
              .formatted(version));
    }
    Map<String, String> variables =
        Query.variables(
            connection,
            "gtid_mode",
            "enforce_gtid_consistency",
            "binlog_row_value_options",
            "binlog_transaction_compression");
    List<String> problems = new ArrayList<>();
    boolean gtids = variables.getOrDefault("gtid_mode", "").equals("ON");
    if (!gtids) {
      problems.add(
          "gtid_mode is %s, and the log cannot be resumed exactly: SET PERSIST"
                  .formatted(variables.get("gtid_mode"))
              + " enforce_gtid_consistency = ON; then SET PERSIST gtid_mode = OFF_PERMISSIVE;"
              + " SET PERSIST gtid_mode = ON_PERMISSIVE; SET PERSIST gtid_mode = ON;");
    }
    if (variables.getOrDefault("binlog_row_value_options", "").contains("PARTIAL_JSON")) {
      problems.add(
          "binlog_row_value_options is PARTIAL_JSON, and updates of JSON are not whole in the log:"
              + " SET PERSIST binlog_row_value_options = ''; then have its clients connect anew");
    }
    if (variables.getOrDefault("binlog_transaction_compression", "OFF").equals("ON")) {
      problems.add(
          "binlog_transaction_compression is on, and places in compressed transactions cannot be"
              + " told apart: SET PERSIST binlog_transaction_compression = OFF; then have its"
              + " clients connect anew");
    }
    if (gtids) {
      problems.addAll(gtidProblems(MySqlLog.executed(connection)));
    }
    return problems;
  }

  private static List<String> gtidProblems(String executed) {
    if (executed.isEmpty()) {
      return List.of(
          "No transaction has a GTID yet, so the log has no place to begin at: commit any change,"
              + " for example CREATE DATABASE made_a_gtid; DROP DATABASE made_a_gtid;");
    }
    return MySqlGtids.isPlain(executed)
        ? List.of()
        : List.of(
            "Some GTIDs have tags, which the log's reader does not know: have every session use"
                + " gtid_next = 'AUTOMATIC', and start from a server without them");
  }
}

package io.millrace.cdc.binlog;

import io.millrace.cdc.TableName;
import io.millrace.cdc.UncapturableException;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.SourceTable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a server lets its log be read exactly, and what it takes when it does not. */
final class BinlogCheck {
  private static final Logger LOG = LoggerFactory.getLogger(BinlogCheck.class);

  /** A weekend's standstill should cost nothing. */
  private static final long ADVISABLE_SECONDS = 3 * 86_400L;

  private final BinlogDatabase database;
  private final PipelineFile file;
  private final List<String> problems = new ArrayList<>();

  BinlogCheck(BinlogDatabase database, PipelineFile file) {
    this.database = database;
    this.file = file;
  }

  /**
   * The tables to capture.
   *
   * @throws io.millrace.cdc.SourceUnreachableException when the server does not let us in
   * @throws UncapturableException when something keeps it from being captured, saying all of it
   */
  List<BinlogTable> capturable() {
    List<BinlogTable> tables = new ArrayList<>();
    try (Connection connection = database.connect()) {
      checkLog(connection);
      checkPrivileges(connection);
      problems.addAll(database.server().problems(connection));
      BinlogTables catalog = new BinlogTables(connection, currentUser(connection));
      for (SourceTable table : file.source().tables().values()) {
        Optional.ofNullable(catalog.read(table)).ifPresent(tables::add);
      }
      problems.addAll(catalog.problems());
    } catch (SQLException e) {
      throw new IllegalStateException(
          "%s at %s could not be checked: %s"
              .formatted(database.server().title(), database, BinlogDatabase.firstLine(e)),
          e);
    }
    if (!problems.isEmpty()) {
      throw new UncapturableException(
          "%s at %s cannot be captured:\n- ".formatted(database.server().title(), database)
              + String.join("\n- ", problems));
    }
    return tables;
  }

  private void checkLog(Connection connection) throws SQLException {
    Map<String, String> variables =
        Query.variables(
            connection,
            "log_bin",
            "binlog_format",
            "binlog_row_image",
            "server_id",
            "binlog_expire_logs_seconds",
            "expire_logs_days");
    if (!"ON".equals(variables.get("log_bin"))) {
      problems.add(
          "The server writes no binary log: set log_bin=ON in its configuration and restart it");
    }
    expect(variables, "binlog_format", "ROW");
    expect(variables, "binlog_row_image", "FULL");
    long serverId = Long.parseLong(variables.getOrDefault("server_id", "0"));
    if (serverId == 0) {
      problems.add("The server has no id: SET GLOBAL server_id = 1; and in its configuration");
    }
    if (serverId == database.settings().serverId()) {
      problems.add(
          "The server itself has id %d: choose another one for the reader of its log"
                  .formatted(serverId)
              + " (source.config: database.server.id)");
    }
    long expiry = expirySeconds(variables);
    if (expiry > 0 && expiry < ADVISABLE_SECONDS) {
      LOG.warn(
          "{} at {} keeps its binary log for {} hours only: a connector that is down for longer has"
              + " to start over; SET GLOBAL binlog_expire_logs_seconds = {}; is advisable",
          database.server().title(),
          database,
          expiry / 3600,
          ADVISABLE_SECONDS);
    }
    checkFilters(connection);
  }

  private void expect(Map<String, String> variables, String name, String value) {
    @Nullable String actual = variables.get(name);
    if (actual != null && !actual.equalsIgnoreCase(value)) {
      problems.add(
          "%s is '%s', not '%s': SET GLOBAL %s = '%s'; and in the server's configuration, then"
                  .formatted(name, actual, value, name, value)
              + " have its clients connect anew");
    }
  }

  private static long expirySeconds(Map<String, String> variables) {
    long seconds = Long.parseLong(variables.getOrDefault("binlog_expire_logs_seconds", "0"));
    return seconds > 0
        ? seconds
        : (long) (Double.parseDouble(variables.getOrDefault("expire_logs_days", "0")) * 86_400);
  }

  /** A database that the log leaves out. */
  private void checkFilters(Connection connection) {
    try (Statement query = connection.createStatement();
        ResultSet row = query.executeQuery(database.server().statusStatement(connection))) {
      if (row.next()) {
        List<String> only = list(row.getString("Binlog_Do_DB"));
        List<String> not = list(row.getString("Binlog_Ignore_DB"));
        for (String name : databases()) {
          if (not.contains(name) || (!only.isEmpty() && !only.contains(name))) {
            problems.add(
                "The binary log leaves database %s out: remove binlog_do_db and binlog_ignore_db"
                        .formatted(name)
                    + " from the server's configuration and restart it");
          }
        }
      }
    } catch (SQLException e) {
      LOG.debug("the state of the binary log cannot be read; its privilege is asked for", e);
    }
  }

  private static List<String> list(@Nullable String text) {
    return text == null || text.isBlank() ? List.of() : List.of(text.split(","));
  }

  private Set<String> databases() {
    return database.settings().tables().stream()
        .map(TableName::schema)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private void checkPrivileges(Connection connection) throws SQLException {
    String granted = grants(connection);
    List<String> missing = new ArrayList<>();
    for (Map.Entry<String, List<String>> needed : database.server().privileges().entrySet()) {
      if (needed.getValue().stream().noneMatch(granted::contains)) {
        missing.add(needed.getKey());
      }
    }
    if (!missing.isEmpty() && !granted.contains("ALL PRIVILEGES")) {
      problems.add(
          "User %s may not read the log and take a snapshot: GRANT %s ON *.* TO %s;"
              .formatted(
                  database.settings().user(), String.join(", ", missing), currentUser(connection)));
    }
  }

  /** The names of global privileges only: the rest of the text has a hash of the password. */
  private static String grants(Connection connection) throws SQLException {
    StringBuilder grants = new StringBuilder();
    for (String row : Query.column(connection, "SHOW GRANTS")) {
      String grant = row.toUpperCase(Locale.ROOT);
      int end = grant.indexOf(" ON *.* TO ");
      if (end > 0) {
        grants.append(grant, 0, end).append('\n');
      }
    }
    return grants.toString();
  }

  private static String currentUser(Connection connection) throws SQLException {
    String user = Query.text(connection, "SELECT CURRENT_USER()");
    int at = user.lastIndexOf('@');
    return at < 0
        ? "'%s'".formatted(user)
        : "'%s'@'%s'".formatted(user.substring(0, at), user.substring(at + 1));
  }
}

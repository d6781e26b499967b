package io.millrace.cdc.binlog;

import io.millrace.cdc.SourceUnreachableException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/**
 * How to reach a server.
 *
 * @param server its kind
 * @param settings its address, and who asks
 */
record BinlogDatabase(BinlogServer server, BinlogSettings settings) {
  private static final String TIMEOUT_MILLIS = "10000";

  /**
   * Opens a connection.
   *
   * @throws SourceUnreachableException when the server does not let us in, saying why
   */
  Connection connect() {
    return connect("60000");
  }

  /**
   * Opens a connection that may read for long, in a session whose texts of values do not depend on
   * the server's settings.
   *
   * @throws SourceUnreachableException when the server does not let us in, saying why
   */
  Connection connectToRead() throws SQLException {
    Connection connection = connect("0");
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET SESSION sql_mode = '', time_zone = '+00:00'");
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private Connection connect(String socketTimeout) {
    Properties properties = new Properties();
    settings
        .config()
        .forEach(
            (key, value) -> {
              if (key.startsWith("driver.")) {
                properties.put(key.substring("driver.".length()), value);
              }
            });
    properties.putAll(server.encryption(settings.config()));
    properties.put("user", settings.user());
    properties.put("password", settings.password());
    properties.putIfAbsent("connectTimeout", TIMEOUT_MILLIS);
    properties.putIfAbsent("socketTimeout", socketTimeout);
    try {
      return DriverManager.getConnection(server.url(settings.host(), settings.port()), properties);
    } catch (SQLException e) {
      throw unreachable(e);
    }
  }

  private SourceUnreachableException unreachable(SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    if (state.equals("28000")) {
      return new SourceUnreachableException(
          "%s at %s refuses user %s (%s): check database.user and database.password"
              .formatted(server.title(), settings, settings.user(), firstLine(e)),
          e,
          false);
    }
    return new SourceUnreachableException(
        "%s at %s cannot be reached (%s): is it running, and are database.hostname and"
                .formatted(server.title(), settings, firstLine(e))
            + " database.port right?",
        e,
        true);
  }

  static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  @Override
  public String toString() {
    return settings.toString();
  }
}

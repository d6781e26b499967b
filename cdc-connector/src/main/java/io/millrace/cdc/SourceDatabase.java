package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import org.postgresql.PGProperty;

/**
 * How to reach the source database, from Debezium's properties in the pipeline file.
 *
 * @param host {@code database.hostname}
 * @param port {@code database.port}
 * @param name {@code database.dbname}
 * @param user {@code database.user}
 * @param config the whole of {@code source.config}
 */
record SourceDatabase(
    String host, String port, String name, String user, Map<String, String> config) {
  private static final String TIMEOUT_SECONDS = "10";

  static SourceDatabase of(PipelineFile file) {
    Map<String, String> config = file.source().config();
    return new SourceDatabase(
        config.getOrDefault("database.hostname", "localhost"),
        config.getOrDefault("database.port", "5432"),
        config.getOrDefault("database.dbname", "postgres"),
        config.getOrDefault("database.user", "postgres"),
        config);
  }

  /**
   * Opens a connection.
   *
   * @throws SourceUnreachableException when the database does not let us in, saying why
   */
  Connection connect() {
    return connect(new Properties());
  }

  /**
   * Opens a connection that takes commands of the replication protocol.
   *
   * @throws SourceUnreachableException when the database does not let us in, saying why
   */
  Connection connectForReplication() {
    Properties properties = new Properties();
    properties.put(PGProperty.REPLICATION.getName(), "database");
    properties.put(PGProperty.ASSUME_MIN_SERVER_VERSION.getName(), "15");
    properties.put(PGProperty.PREFER_QUERY_MODE.getName(), "simple");
    return connect(properties);
  }

  private Connection connect(Properties properties) {
    config.forEach(
        (key, value) -> {
          if (key.startsWith("driver.")) {
            properties.put(key.substring("driver.".length()), value);
          } else if (key.startsWith("database.ssl")) {
            properties.put(key.substring("database.".length()), value);
          }
        });
    properties.put(PGProperty.USER.getName(), user);
    properties.put(PGProperty.PASSWORD.getName(), config.getOrDefault("database.password", ""));
    properties.put(PGProperty.APPLICATION_NAME.getName(), "millrace cdc-connector");
    properties.putIfAbsent(PGProperty.CONNECT_TIMEOUT.getName(), TIMEOUT_SECONDS);
    properties.putIfAbsent(PGProperty.LOGIN_TIMEOUT.getName(), TIMEOUT_SECONDS);
    try {
      return DriverManager.getConnection(
          "jdbc:postgresql://%s:%s/%s".formatted(host, port, name), properties);
    } catch (SQLException e) {
      throw new SourceUnreachableException(explanation(e), e, DatabaseFailures.isTransient(e));
    }
  }

  private String explanation(SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    String where = "%s:%s/%s".formatted(host, port, name);
    String message = DatabaseFailures.message(e);
    return switch (state) {
      case "28P01", "28000" ->
          "PostgreSQL at %s refuses user %s (%s): check database.user and database.password"
              .formatted(where, user, message);
      case "3D000" ->
          "PostgreSQL at %s:%s has no database %s: check database.dbname"
              .formatted(host, port, name);
      default ->
          "PostgreSQL at %s cannot be reached (%s): is it running, and are database.hostname and"
                  .formatted(where, message)
              + " database.port right?";
    };
  }

  @Override
  public String toString() {
    return "%s:%s/%s".formatted(host, port, name);
  }
}

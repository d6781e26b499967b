package io.millrace.local.lake;

import io.millrace.local.StackException;
import io.millrace.pipeline.Source;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;

/**
 * A connection to a PostgreSQL source for comparing: one snapshot of all its tables, and read only.
 */
final class SourceConnection {
  private static final String DRIVER = "driver.";
  private static final String DATABASE = "database.";
  private static final String SSL = "database.ssl";

  private SourceConnection() {}

  /**
   * Opens it from Debezium's properties in the pipeline file.
   *
   * @throws StackException when the database does not let us in
   */
  static Connection open(Source source) {
    Map<String, String> config = source.config();
    Properties properties = new Properties();
    config.forEach(
        (name, value) -> {
          if (name.startsWith(DRIVER)) {
            properties.put(name.substring(DRIVER.length()), value);
          } else if (name.startsWith(SSL)) {
            properties.put(name.substring(DATABASE.length()), value);
          }
        });
    properties.put("user", config.getOrDefault("database.user", "postgres"));
    properties.put("password", config.getOrDefault("database.password", ""));
    properties.put("ApplicationName", "millrace reconcile");
    String address =
        "%s:%s/%s"
            .formatted(
                config.getOrDefault("database.hostname", "localhost"),
                config.getOrDefault("database.port", "5432"),
                config.getOrDefault("database.dbname", "postgres"));
    try {
      Connection connection =
          DriverManager.getConnection("jdbc:postgresql://" + address, properties);
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setReadOnly(true);
      return connection;
    } catch (SQLException e) {
      throw new StackException(
          "the source database %s does not let us in: %s; a password comes from PGPASSWORD"
              .formatted(address, e.getMessage()),
          e);
    }
  }
}

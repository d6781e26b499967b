package io.millrace.local.lake;

import io.millrace.local.StackException;
import io.millrace.pipeline.Source;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** PostgreSQL, whose driver gives values as the lake has them. */
final class PostgresReader implements SourceReader {
  private static final String DRIVER = "driver.";
  private static final String DATABASE = "database.";
  private static final String SSL = "database.ssl";

  private final Connection connection;

  private PostgresReader(Connection connection) {
    this.connection = connection;
  }

  static PostgresReader open(Source source) {
    Connection connection = connect(source, "millrace reconcile");
    try {
      SourceReader.freeze(connection);
    } catch (SQLException e) {
      throw new StackException("the source database went away: " + e.getMessage(), e);
    }
    return new PostgresReader(connection);
  }

  /**
   * Connects as the pipeline file says.
   *
   * @param application what the database is told who we are
   */
  static Connection connect(Source source, String application) {
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
    properties.put("ApplicationName", application);
    String address =
        "%s:%s/%s"
            .formatted(
                config.getOrDefault("database.hostname", "localhost"),
                config.getOrDefault("database.port", "5432"),
                config.getOrDefault("database.dbname", "postgres"));
    try {
      return DriverManager.getConnection("jdbc:postgresql://" + address, properties);
    } catch (SQLException e) {
      throw new StackException(
          "the source database %s does not let us in: %s; a password comes from PGPASSWORD"
              .formatted(address, e.getMessage()),
          e);
    }
  }

  @Override
  public Connection connection() {
    return connection;
  }

  @Override
  public String expression(DuckColumn column, int jdbcType) {
    return column.quoted();
  }

  @Override
  public @Nullable Object read(DuckColumn column, ResultSet row, int index) throws SQLException {
    return column.read(row, index);
  }
}

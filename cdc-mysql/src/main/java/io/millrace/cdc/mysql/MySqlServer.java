package io.millrace.cdc.mysql;

import io.debezium.connector.mysql.MySqlConnector;
import io.debezium.connector.mysql.MySqlConnectorTask;
import io.millrace.cdc.binlog.BinlogServer;
import io.millrace.cdc.binlog.BinlogValues;
import io.millrace.cdc.binlog.GtidSets;
import io.millrace.cdc.binlog.Query;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;

/** MySQL: its driver, its GTIDs and its settings. */
final class MySqlServer implements BinlogServer {
  private static final Map<String, String> MODES =
      Map.of(
          "disabled", "DISABLED",
          "preferred", "PREFERRED",
          "required", "REQUIRED",
          "verify_ca", "VERIFY_CA",
          "verify_identity", "VERIFY_IDENTITY");

  private static final Map<String, String> TLS =
      Map.of(
          "ssl.truststore",
          "trustCertificateKeyStore",
          "ssl.keystore",
          "clientCertificateKeyStore");

  @Override
  public String connector() {
    return "mysql";
  }

  @Override
  public String title() {
    return "MySQL";
  }

  @Override
  public SourceTask task() {
    return new MySqlConnectorTask();
  }

  @Override
  public String connectorClass() {
    return MySqlConnector.class.getName();
  }

  @Override
  public Class<? extends BinlogValues> values() {
    return MySqlValues.class;
  }

  /**
   * Debezium's default: row by row as they come, as text. With a size rows come in another
   * protocol, of which it reads times wrongly.
   */
  @Override
  public Map<String, String> fetching() {
    return Map.of();
  }

  @Override
  public String url(String host, String port) {
    return "jdbc:mysql://%s:%s/".formatted(host, port);
  }

  @Override
  public Map<String, String> encryption(Map<String, String> config) {
    Map<String, String> properties = new HashMap<>();
    String mode = config.getOrDefault("database.ssl.mode", "preferred");
    properties.put("sslMode", MODES.getOrDefault(mode, mode));
    TLS.forEach(
        (name, property) -> {
          @Nullable String file = config.get("database." + name);
          if (file != null) {
            properties.put(property + "Url", "file:" + file);
            properties.put(
                property + "Password", config.getOrDefault("database." + name + ".password", ""));
          }
        });
    return properties;
  }

  @Override
  public GtidSets gtids() {
    return new MySqlGtids();
  }

  @Override
  public Map<String, List<String>> privileges() {
    Map<String, List<String>> privileges = new LinkedHashMap<>();
    for (String privilege : List.of("RELOAD", "REPLICATION SLAVE", "REPLICATION CLIENT")) {
      privileges.put(privilege, List.of(privilege));
    }
    return privileges;
  }

  @Override
  public String statusStatement(Connection connection) throws SQLException {
    return connection.getMetaData().getDatabaseMajorVersion() == 8
            && connection.getMetaData().getDatabaseMinorVersion() < 2
        ? "SHOW MASTER STATUS"
        : "SHOW BINARY LOG STATUS";
  }

  @Override
  public List<String> problems(Connection connection) throws SQLException {
    return MySqlSettings.problems(connection);
  }

  @Override
  public String system(Connection connection) throws SQLException {
    return "server_uuid " + Query.text(connection, "SELECT @@GLOBAL.server_uuid");
  }

  @Override
  public Optional<String> gap(Connection connection, BinlogState read) throws SQLException {
    return new MySqlLog(connection).gap(read);
  }

  /**
   * A transaction is in {@code gtid_executed} after it is in snapshots, and in the log before: so
   * the snapshot has what is there before it is taken, and the log what is in the snapshot.
   */
  @Override
  public Optional<Moment> beginSnapshot(Connection connection, BinlogState read)
      throws SQLException {
    if (!MySqlGtids.isWithin(read.gtids(), MySqlLog.executed(connection))) {
      return Optional.empty();
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
      try (ResultSet row = statement.executeQuery(statusStatement(connection))) {
        if (!row.next()) {
          throw new SQLException("The server writes no binary log");
        }
        return Optional.of(new Moment(row.getString("File"), row.getLong("Position"), null));
      }
    }
  }
}

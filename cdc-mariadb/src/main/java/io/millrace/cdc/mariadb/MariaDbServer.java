package io.millrace.cdc.mariadb;

import io.debezium.connector.mariadb.MariaDbConnector;
import io.debezium.connector.mariadb.MariaDbConnectorTask;
import io.millrace.cdc.binlog.BinlogServer;
import io.millrace.cdc.binlog.GtidSets;
import io.millrace.cdc.binlog.Query;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;

/** MariaDB: its driver, its GTIDs and its settings. */
final class MariaDbServer implements BinlogServer {
  private static final Map<String, String> TLS =
      Map.of("ssl.truststore", "trustStore", "ssl.keystore", "keyStore");

  @Override
  public String connector() {
    return "mariadb";
  }

  @Override
  public String title() {
    return "MariaDB";
  }

  @Override
  public SourceTask task() {
    return new MariaDbConnectorTask();
  }

  @Override
  public String connectorClass() {
    return MariaDbConnector.class.getName();
  }

  @Override
  public Map<String, String> fetching() {
    return Map.of("snapshot.fetch.size", "4096");
  }

  @Override
  public String url(String host, String port) {
    return "jdbc:mariadb://%s:%s/".formatted(host, port);
  }

  @Override
  public Map<String, String> encryption(Map<String, String> config) {
    Map<String, String> properties = new HashMap<>();
    properties.put("sslMode", config.getOrDefault("database.ssl.mode", "disable"));
    TLS.forEach(
        (name, property) -> {
          @Nullable String file = config.get("database." + name);
          if (file != null) {
            properties.put(property, file);
            properties.put(
                property + "Password", config.getOrDefault("database." + name + ".password", ""));
          }
        });
    return properties;
  }

  @Override
  public GtidSets gtids() {
    return new MariaDbGtids();
  }

  @Override
  public Map<String, List<String>> privileges() {
    Map<String, List<String>> privileges = new LinkedHashMap<>();
    privileges.put("RELOAD", List.of("RELOAD"));
    privileges.put("REPLICATION SLAVE", List.of("REPLICATION SLAVE"));
    privileges.put("BINLOG MONITOR", List.of("BINLOG MONITOR", "REPLICATION CLIENT", "SUPER"));
    return privileges;
  }

  @Override
  public String statusStatement(Connection connection) {
    return "SHOW MASTER STATUS";
  }

  @Override
  public List<String> problems(Connection connection) throws SQLException {
    List<String> problems = new ArrayList<>();
    String version = Query.text(connection, "SELECT VERSION()");
    if (!version.contains("MariaDB")) {
      problems.add(
          "The server is not MariaDB (version %s): write 'connector: mysql'".formatted(version));
      return problems;
    }
    // The log's reader passes over compressed rows without a word.
    if (Query.text(connection, "SELECT @@GLOBAL.log_bin_compress").equals("1")) {
      problems.add(
          "log_bin_compress is on, and compressed rows cannot be read: SET GLOBAL log_bin_compress"
              + " = OFF; and in the server's configuration");
    }
    return problems;
  }

  @Override
  public String system(Connection connection) throws SQLException {
    return "server_id " + Query.text(connection, "SELECT @@GLOBAL.server_id");
  }

  @Override
  public Optional<String> gap(Connection connection, BinlogState read) throws SQLException {
    String now = Query.text(connection, "SELECT @@GLOBAL.gtid_binlog_pos");
    if (!MariaDbGtids.isWithin(read.gtids(), now)) {
      return Optional.of(
          "The server's log ends at GTID %s, but Kafka has the changes up to %s: it is another"
                  .formatted(now, read.gtids())
              + " server's, was reset, or was restored from an older backup");
    }
    List<String> files = Query.column(connection, "SHOW BINARY LOGS");
    if (files.contains(read.file())) {
      String before = orEmpty(positionAt(connection, read.file(), read.position()));
      String after = read.last().isEmpty() ? before : new MariaDbGtids().with(before, read.last());
      if (!MariaDbGtids.isSame(after, read.gtids())) {
        return Optional.of(
            "At %s:%d the server's log is at GTID %s, and what was read there led to %s: it is"
                    .formatted(read.file(), read.position(), after, read.gtids())
                + " another server's, or was reset");
      }
      return Optional.empty();
    }
    String oldest = files.isEmpty() ? now : orEmpty(positionAt(connection, files.getFirst(), 4));
    return MariaDbGtids.isWithin(oldest, read.gtids())
        ? Optional.empty()
        : Optional.of(
            "The server has purged its log up to GTID %s, but Kafka has the changes up to %s only"
                .formatted(oldest, read.gtids()));
  }

  /** The server itself tells the place of the snapshot. */
  @Override
  public Optional<Moment> beginSnapshot(Connection connection, BinlogState read)
      throws SQLException {
    Map<String, String> status = new HashMap<>();
    try (Statement statement = connection.createStatement()) {
      statement.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
      try (ResultSet row = statement.executeQuery("SHOW STATUS LIKE 'binlog_snapshot_%'")) {
        while (row.next()) {
          status.put(row.getString(1).toLowerCase(Locale.ROOT), row.getString(2));
        }
      }
    }
    String file = status.getOrDefault("binlog_snapshot_file", "");
    long position = Long.parseLong(status.getOrDefault("binlog_snapshot_position", "0"));
    String gtids = orEmpty(positionAt(connection, file, position));
    return MariaDbGtids.isWithin(read.gtids(), gtids)
        ? Optional.of(new Moment(file, position, gtids))
        : Optional.empty();
  }

  private static @Nullable String positionAt(Connection connection, String file, long position)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement("SELECT BINLOG_GTID_POS(?, ?)")) {
      query.setString(1, file);
      query.setLong(2, position);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? row.getString(1) : null;
      }
    }
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}

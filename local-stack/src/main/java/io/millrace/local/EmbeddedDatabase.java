package io.millrace.local;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The embedded PostgreSQL: the shop, the lake's catalog and the registry's storage, each a database
 * of its own. Connections from loopback are trusted; there is no password.
 */
final class EmbeddedDatabase {
  static final String USER = "postgres";

  private static final Duration STARTUP = Duration.ofSeconds(60);

  private final Path data;
  private final int port;
  private final Path log;
  private @Nullable EmbeddedPostgres server;

  EmbeddedDatabase(Path data, int port, Path log) {
    this.data = data;
    this.port = port;
    this.log = log;
  }

  /** JDBC URL of a database of a server, user included. */
  static String url(int port, String database) {
    return "jdbc:postgresql://127.0.0.1:%d/%s?user=%s".formatted(port, database, USER);
  }

  private String url() {
    return url(port, USER);
  }

  /** Starts the server on its data directory, which is initialised when it is new. */
  synchronized ProcessHandle start() throws IOException {
    stop();
    File output = log.toFile();
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setCleanDataDirectory(false)
            .setRegisterShutdownHook(false)
            .setPort(port)
            .setPGStartupWait(STARTUP)
            .setOutputRedirector(ProcessBuilder.Redirect.appendTo(output))
            .setErrorRedirector(ProcessBuilder.Redirect.appendTo(output))
            .setServerConfig("listen_addresses", "127.0.0.1")
            .setServerConfig("unix_socket_directories", "''")
            .setServerConfig("wal_level", "logical")
            // A crash may not take back what it has acknowledged, above all of the lake's catalog.
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("max_connections", "60")
            .setServerConfig("shared_buffers", "64MB")
            .setServerConfig("max_wal_size", "1GB")
            .setServerConfig("timezone", "UTC");
    server = builder.start();
    return postmaster()
        .orElseThrow(() -> new IOException("PostgreSQL has started without a postmaster.pid"));
  }

  /**
   * Ends the server without waiting for its clients, if it runs; of one that was killed, lets go of
   * the lock on its data directory, which this JVM holds.
   */
  synchronized void stop() throws IOException {
    if (server != null) {
      server.close();
      server = null;
    }
  }

  /** The server's process, while it runs. */
  Optional<ProcessHandle> postmaster() throws IOException {
    Path file = data.resolve("postmaster.pid");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(file);
    return lines.isEmpty() ? Optional.empty() : ProcessHandle.of(Long.parseLong(lines.getFirst()));
  }

  /** Creates the databases that do not exist yet. */
  void createDatabases(List<String> names) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url());
        Statement statement = connection.createStatement()) {
      for (String name : names) {
        try (ResultSet found =
            statement.executeQuery("SELECT FROM pg_database WHERE datname = '" + name + "'")) {
          if (found.next()) {
            continue;
          }
        }
        statement.execute("CREATE DATABASE " + name);
      }
    }
  }

  boolean ready() {
    return answers(url());
  }

  /** Whether a database lets us in. */
  static boolean answers(String url) {
    try (Connection connection = DriverManager.getConnection(url + "&connectTimeout=2")) {
      return connection.isValid(2);
    } catch (SQLException e) {
      return false;
    }
  }
}

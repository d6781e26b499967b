package io.millrace.cdc.mysql;

import io.millrace.cdc.binlog.BinlogServer;
import io.millrace.cdc.binlog.testing.DatabaseServer;
import io.millrace.cdc.binlog.testing.ServerKind;
import io.millrace.cdc.binlog.testing.Servers;
import io.millrace.runtime.testing.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** MySQL, for the tests. */
final class MySql implements ServerKind {
  @Override
  public BinlogServer server() {
    return new MySqlServer();
  }

  @Override
  public String program() {
    return MySqlCdcConnector.class.getName();
  }

  @Override
  public DatabaseServer start(String... options) {
    MySqlPrograms programs = MySqlPrograms.get();
    try {
      Path directory = Files.createTempDirectory("mysql");
      int port = ServerProcess.freePort();
      List<String> command = new ArrayList<>(programs.mysqld(programs.newData(directory)));
      command.addAll(
          List.of(
              "--bind-address=127.0.0.1",
              "--port=" + port,
              "--socket=" + directory.resolve("socket"),
              "--mysqlx=OFF",
              "--skip-name-resolve",
              "--init-file=" + users(directory),
              "--log-bin=bin",
              "--server-id=1",
              "--gtid-mode=ON",
              "--enforce-gtid-consistency=ON",
              "--sql-mode=",
              "--performance-schema=OFF",
              "--innodb-buffer-pool-size=32M",
              "--innodb-flush-log-at-trx-commit=2",
              "--sync-binlog=0"));
      command.addAll(List.of(options));
      ServerProcess process = ServerProcess.run("mysqld", directory, command, Map.of());
      process.await(() -> ServerProcess.listens(port));
      return new DatabaseServer(
          "jdbc:mysql://127.0.0.1:%d/?user=admin&connectionTimeZone=UTC".formatted(port),
          port,
          process::kill);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The server reads a statement a line. */
  private static Path users(Path directory) throws IOException {
    return Files.writeString(
        directory.resolve("users.sql"),
        """
        CREATE USER admin@'%%' IDENTIFIED BY '';
        GRANT ALL ON *.* TO admin@'%%' WITH GRANT OPTION;
        CREATE USER %s@'%%' IDENTIFIED BY '%s';
        GRANT SELECT, RELOAD, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO %s@'%%';
        """
            .formatted(DatabaseServer.USER, DatabaseServer.PASSWORD, DatabaseServer.USER));
  }

  /** Gives tests the servers. */
  static final class Extension extends Servers.Extension {
    Extension() {
      super(new MySql());
    }
  }
}

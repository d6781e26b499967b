package io.millrace.cdc;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A database of one test. */
final class Database implements AutoCloseable {
  private final Servers servers;
  private final String name;
  private Connection connection;

  private Database(Servers servers, String name, Connection connection) {
    this.servers = servers;
    this.name = name;
    this.connection = connection;
  }

  static Database create(Servers servers, String name) {
    try (Connection admin = servers.postgres().getPostgresDatabase().getConnection();
        Statement statement = admin.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
      return new Database(servers, name, connect(servers, name));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Connection connect(Servers servers, String name) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/%s".formatted(servers.postgres().getPort(), name),
        "postgres",
        "");
  }

  /** Opens its session anew, after a restart of the server. */
  void reconnect() {
    connection = session();
  }

  /** Another session. */
  Connection session() {
    try {
      return connect(servers, name);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs SQL in a transaction of its own. */
  void run(String sql) {
    run(connection, sql);
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
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "";
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** A table's rows as {@link Reader#rows} gives them. */
  List<String> rows(String table, String... columns) {
    String format =
        Arrays.stream(columns)
            .map(column -> "coalesce(%s::text, '')".formatted(column))
            .collect(Collectors.joining(" || '|' || "));
    List<String> found = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT %s FROM %s".formatted(format, table))) {
      while (rows.next()) {
        found.add(rows.getString(1));
      }
    } catch (SQLException e) {
      throw new IllegalStateException(table, e);
    }
    return found.stream().sorted().toList();
  }

  /** {@code source.config} of a pipeline. */
  Map<String, String> config() {
    return config(servers, name);
  }

  /** {@code source.config} of a pipeline from a database that need not be there. */
  static Map<String, String> config(Servers servers, String name) {
    return Map.of(
        "database.hostname", "127.0.0.1",
        "database.port", String.valueOf(servers.postgres().getPort()),
        "database.user", "postgres",
        "database.password", "",
        "database.dbname", name);
  }

  String name() {
    return name;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}

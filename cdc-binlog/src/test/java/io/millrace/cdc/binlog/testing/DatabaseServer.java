package io.millrace.cdc.binlog.testing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A server of the tests' own, on a loopback port. */
public final class DatabaseServer implements AutoCloseable {
  /** Who captures: may do what the connector needs, and no more. */
  public static final String USER = "cdc";

  /** That user's. */
  public static final String PASSWORD = "secret";

  private final String url;
  private final int port;
  private final AutoCloseable process;

  /**
   * A running server.
   *
   * @param url by which the driver connects as someone who may do everything
   * @param process what ends it
   */
  public DatabaseServer(String url, int port, AutoCloseable process) {
    this.url = url;
    this.port = port;
    this.process = process;
  }

  Connection connect() {
    try {
      return DriverManager.getConnection(url);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs statements in one session. */
  public void run(String... statements) {
    try (Connection session = connect()) {
      run(session, statements);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs statements in one session, in a database. */
  void runIn(String database, String... statements) {
    try (Connection session = connect()) {
      run(session, "USE " + database);
      run(session, statements);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  static void run(Connection session, String... statements) {
    for (String sql : statements) {
      try (Statement statement = session.createStatement()) {
        statement.execute(sql);
      } catch (SQLException e) {
        throw new IllegalStateException(sql, e);
      }
    }
  }

  /** The first column of the first row as text; empty when there is no row. */
  public String text(String sql) {
    List<String> column = column(sql);
    return column.isEmpty() ? "" : column.getFirst();
  }

  /** The first column of every row. */
  public List<String> column(String sql) {
    List<String> column = new ArrayList<>();
    try (Connection session = connect();
        Statement statement = session.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        column.add(String.valueOf(rows.getString(1)));
      }
      return column;
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** All rows of a table: the columns joined by {@code |}, a null is empty. */
  public List<String> rows(String table, String... columns) {
    String row =
        Stream.of(columns)
            .map("COALESCE(%s, '')"::formatted)
            .collect(Collectors.joining(", '|', ", "CONCAT(", ")"));
    return column("SELECT %s FROM %s".formatted(row, table)).stream().sorted().toList();
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
      process.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}

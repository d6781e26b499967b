package io.millrace.cdc.binlog;

import io.debezium.document.Array;
import io.debezium.document.Document;
import io.debezium.document.DocumentWriter;
import io.millrace.cdc.TableName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tables that came into the pipeline file when others had been captured already. Their changes can
 * be read from a place on of which it is known how the tables are defined there. So when the stream
 * has come to the end of the log, a transaction that uses the tables keeps their definitions as
 * they are, until the stream has come to a place behind its beginning.
 *
 * <p>Used by one thread.
 */
final class JoiningTables implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JoiningTables.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final BinlogDatabase database;
  private final List<TableName> tables;

  /** By table, the statement that makes it. */
  private final Map<TableName, String> definitions = new LinkedHashMap<>();

  private BinlogServer.@Nullable Moment barrier;
  private @Nullable Connection guard;
  private long lookedNanos = System.nanoTime();

  JoiningTables(BinlogDatabase database, List<TableName> tables) {
    this.database = database;
    this.tables = List.copyOf(tables);
  }

  /** Their names in the database. */
  List<String> names() {
    return tables.stream().map(TableName::toString).toList();
  }

  /**
   * Goes on.
   *
   * @param reached what the stream has
   * @return whether the tables are defined there as {@link #statements} says
   */
  boolean turn(BinlogPlace reached) {
    BinlogServer.Moment awaited = barrier;
    if (awaited != null && !reached.hasPassed(awaited, database.server().gtids())) {
      if (guard != null && waitedFor(LONGEST)) {
        release();
      }
      return false;
    }
    if (awaited != null && guard != null) {
      boolean kept = isKept();
      if (!kept) {
        release();
      }
      return kept;
    }
    if (!waitedFor(PAUSE)) {
      return false;
    }
    lookedNanos = System.nanoTime();
    try {
      if (awaited != null) {
        define();
      }
      barrier = end();
    } catch (SQLException e) {
      LOG.debug("The definitions of {} could not be read", tables, e);
      release();
    }
    return false;
  }

  private boolean waitedFor(Duration time) {
    return System.nanoTime() - lookedNanos > time.toNanos();
  }

  /** A statement that changes a table waits meanwhile. */
  private void define() throws SQLException {
    Connection connection = database.connectToRead();
    guard = connection;
    definitions.clear();
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET SESSION lock_wait_timeout = 2");
      statement.execute("START TRANSACTION READ ONLY");
      for (TableName table : tables) {
        statement.execute("SELECT 1 FROM %s LIMIT 0".formatted(Identifiers.quoted(table)));
        try (ResultSet row =
            statement.executeQuery("SHOW CREATE TABLE " + Identifiers.quoted(table))) {
          row.next();
          definitions.put(table, row.getString(2));
        }
      }
    }
  }

  private BinlogServer.Moment end() throws SQLException {
    try (Connection connection = database.connectToRead()) {
      return database
          .server()
          .beginSnapshot(connection, new BinlogServer.BinlogState("", "", 0, ""))
          .orElseThrow();
    }
  }

  private boolean isKept() {
    try (Statement statement = Objects.requireNonNull(guard).createStatement()) {
      return statement.execute("SELECT 1");
    } catch (SQLException e) {
      LOG.debug("The transaction that keeps the definitions of {} is gone", tables, e);
      return false;
    }
  }

  /** From the beginning. */
  private void release() {
    close();
    barrier = null;
    lookedNanos = System.nanoTime();
  }

  /**
   * Records of a schema history that define the tables.
   *
   * @param place where they do
   * @param source that the history's records are of
   */
  List<PendingHistory.Statement> statements(BinlogPlace place, Document source) {
    List<PendingHistory.Statement> statements = new ArrayList<>();
    definitions.forEach(
        (table, ddl) -> {
          // Of one that was captured once there is another definition, to which this one would add.
          String gone = "DROP TABLE IF EXISTS " + Identifiers.quoted(table);
          statements.add(statement(place, source, table, gone));
          statements.add(statement(place, source, table, ddl));
        });
    return statements;
  }

  private static PendingHistory.Statement statement(
      BinlogPlace place, Document source, TableName table, String ddl) {
    Document position = Document.create();
    place.connectorOffset().forEach(position::set);
    Document record = Document.create();
    record.setDocument("source", source);
    record.setDocument("position", position);
    record.setString("databaseName", table.schema());
    record.setString("ddl", ddl);
    record.setArray("tableChanges", Array.create());
    record.setArray(Definitions.DEFINES, Array.create(Definitions.id(table)));
    try {
      return new PendingHistory.Statement(
          place.begin(), DocumentWriter.defaultWriter().write(record));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    Connection connection = guard;
    guard = null;
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        LOG.debug("closing", e);
      }
    }
  }
}

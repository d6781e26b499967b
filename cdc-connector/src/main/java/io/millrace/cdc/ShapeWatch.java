package io.millrace.cdc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices what an {@code ALTER TABLE} did to rows that PostgreSQL's log does not say: a column that
 * is added with a default, renamed or given another type changes every row without a change event.
 * Looks at the catalog from time to time, and compares with what the topics' rows have.
 */
final class ShapeWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ShapeWatch.class);
  private static final Duration INTERVAL = Duration.ofSeconds(2);

  private final CdcSettings settings;
  private final List<CapturedTable> tables;
  private final TableSnapshots snapshots;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("shape-watch").daemon().factory());
  private @Nullable Connection connection;

  ShapeWatch(CdcSettings settings, List<CapturedTable> tables, TableSnapshots snapshots) {
    this.settings = settings;
    this.tables = List.copyOf(tables);
    this.snapshots = snapshots;
  }

  void start() {
    var _ = timer.scheduleWithFixedDelay(this::look, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void look() {
    try {
      Connection database = connection;
      if (database == null || !database.isValid(1)) {
        database = settings.database().connect();
        connection = database;
      }
      for (CapturedTable table : tables) {
        look(database, table);
      }
    } catch (SQLException | RuntimeException e) {
      // The connector itself notices a lost database, and says so.
      LOG.debug("The tables' columns could not be looked at", e);
    }
  }

  private void look(Connection database, CapturedTable table) throws SQLException {
    TableState state = snapshots.states().get(table.name());
    if (state == null || state.shape() == null) {
      return;
    }
    TableShape known = TableShape.of(state.shape());
    TableShape columns = TableShape.read(database, table.from());
    TableShape now = columns.after(known);
    if (columns.entries().isEmpty() || now.equals(known)) {
      return;
    }
    boolean implicitly =
        !table.appendOnly()
            && (columns.changes(known) || filled(database, table, columns.added(known)));
    long written = ReplicationSlot.insertLsn(database);
    snapshots.reshaped(
        new TableSnapshots.Reshaped(
            table.name(), known, columns, implicitly, reached -> Lsn.of(reached) >= written));
  }

  /** Whether new columns have values, of which an unknown part came without a change event. */
  private static boolean filled(Connection database, CapturedTable table, List<String> columns)
      throws SQLException {
    for (String column : columns) {
      try (Statement query = database.createStatement();
          ResultSet rows =
              query.executeQuery(
                  "SELECT EXISTS (SELECT FROM %s WHERE %s IS NOT NULL)"
                      .formatted(table.from().sql(), TableName.quoted(column)))) {
        rows.next();
        if (rows.getBoolean(1)) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public void close() {
    timer.shutdownNow();
    try {
      if (connection != null) {
        connection.abort(Runnable::run);
      }
    } catch (SQLException e) {
      LOG.debug("closing", e);
    }
  }
}

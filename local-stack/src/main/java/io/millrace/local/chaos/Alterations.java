package io.millrace.local.chaos;

import io.millrace.schemas.SourceMetadata;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Alters tables while they are in use, each alteration once, and writes down in the database, in
 * the same transaction, where in the log it stands: every change of the table before that place is
 * of before the alteration, every one behind it of after it, as none goes on beside it.
 */
final class Alterations {
  private static final Duration RETRY = Duration.ofMillis(500);

  /** How long others wait behind it when it waits itself. */
  private static final String LOCK_TIMEOUT = "SET lock_timeout = '10s'";

  private final String jdbcUrl;
  private final RandomGenerator random;
  private final Consumer<Alteration> log;
  private final Map<String, List<MovingColumn>> columns = new ConcurrentHashMap<>();

  /**
   * Alterations of a database.
   *
   * @param random of the rows that they change besides
   * @param log told of each, once it has committed
   */
  Alterations(String jdbcUrl, RandomGenerator random, Consumer<Alteration> log) {
    this.jdbcUrl = jdbcUrl;
    this.random = random;
    this.log = log;
  }

  /** The statement that creates the table in which they are written down. */
  static String ddl() {
    return "CREATE TABLE alterations (number int PRIMARY KEY, name text NOT NULL, lsn pg_lsn)";
  }

  /** Where in the log a table was altered, as positions of changes, in order. */
  static List<String> positions(Connection connection, RandomTable table) throws SQLException {
    List<String> positions = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT (lsn - '0/0')::bigint FROM alterations WHERE name = ? ORDER BY number")) {
      query.setString(1, table.name());
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          positions.add(SourceMetadata.postgresPosition(rows.getLong(1), 0));
        }
      }
    }
    return positions;
  }

  /** The moving columns that a table has now. Called by any thread. */
  List<MovingColumn> columns(RandomTable table) {
    return columns.getOrDefault(table.name(), List.of());
  }

  /** Makes the alterations of a plan, until the plan or the time is over. */
  void run(Iterator<AlterationPlan.Step> plan, BooleanSupplier over) throws InterruptedException {
    while (!over.getAsBoolean() && plan.hasNext()) {
      AlterationPlan.Step step = plan.next();
      Thread.sleep(step.quiet());
      if (!over.getAsBoolean()) {
        make(step.alteration());
      }
    }
  }

  /** However often the database goes away or others are in the way. */
  private void make(Alteration alteration) throws InterruptedException {
    columns.put(alteration.table().name(), alteration.kept());
    while (!tried(alteration)) {
      Thread.sleep(RETRY);
    }
    columns.put(alteration.table().name(), alteration.after());
    log.accept(alteration);
  }

  /** Whether it has committed: now, or before, when the answer was lost. */
  private boolean tried(Alteration alteration) {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement()) {
      statement.execute(LOCK_TIMEOUT);
      connection.setAutoCommit(false);
      if (!isMade(statement, alteration)) {
        // A lock that comes after changed rows meets those who wait for the rows: a deadlock.
        statement.execute("LOCK TABLE " + alteration.table().name());
        changeRow(connection, alteration.table(), alteration.kept());
        statement.execute(alteration.sql());
        statement.execute(
            "INSERT INTO alterations VALUES (%d, '%s', pg_current_wal_insert_lsn())"
                .formatted(alteration.number(), alteration.table().name()));
        changeRow(connection, alteration.table(), alteration.after());
        connection.commit();
      }
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  private static boolean isMade(Statement statement, Alteration alteration) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "SELECT EXISTS (SELECT FROM alterations WHERE number = %d)"
                .formatted(alteration.number()))) {
      row.next();
      return row.getBoolean(1);
    }
  }

  /** So that a transaction has rows of before and after. */
  private void changeRow(Connection connection, RandomTable table, List<MovingColumn> moving)
      throws SQLException {
    if (!table.appendOnly()) {
      RowStatements rows = new RowStatements(connection, table, moving);
      rows.update(random.nextInt(RandomTable.KEYS), random);
    }
  }
}

package io.millrace.local.chaos;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Applications at work on the database: short transactions over several tables, long ones, large
 * ones, some of which roll back. A database that goes away is waited for.
 */
final class RandomLoad implements AutoCloseable {
  private static final int WORKERS = 3;
  private static final long RETRY_MILLIS = 500;
  private static final long LONGEST_PAUSE_MILLIS = 10_000;
  private static final int BATCH = 500;

  private final List<RandomTable> tables;
  private final List<RandomTable> refilled;
  private final RandomTable bulk;
  private final double changesPerSecond;
  private final List<Thread> workers = new ArrayList<>();
  private final AtomicLong appended = new AtomicLong();
  private final AtomicLong changes = new AtomicLong();
  private final AtomicLong transactions = new AtomicLong();
  private final AtomicLong rolledBack = new AtomicLong();
  private Function<RandomTable, List<MovingColumn>> moving = table -> List.of();
  private volatile boolean stopping;

  RandomLoad(RandomPipeline pipeline, double changesPerSecond) {
    this.tables = pipeline.tables();
    this.refilled = pipeline.refilled();
    this.bulk = pipeline.bulk();
    this.changesPerSecond = changesPerSecond;
  }

  /** Fills every table with some rows, and one with {@code more} that only bulk changes touch. */
  void seed(String jdbcUrl, RandomGenerator random, int more) throws SQLException {
    try (Connection connection = DriverManager.getConnection(jdbcUrl)) {
      connection.setAutoCommit(false);
      for (RandomTable each : tables) {
        RowStatements rows = new RowStatements(connection, each, List.of());
        long until = each.equals(bulk) ? RandomTable.KEYS + more : RandomTable.KEYS / 2;
        for (long number = 0; number < until; number++) {
          rows.insert(each.appendOnly() ? appended.getAndIncrement() : number, random);
          if (number % BATCH == 0) {
            connection.commit();
          }
        }
        connection.commit();
      }
    }
  }

  /**
   * Begins.
   *
   * @param columns that tables have now beyond those that they always have
   */
  void start(String jdbcUrl, long seed, Function<RandomTable, List<MovingColumn>> columns) {
    moving = columns;
    for (int i = 0; i < WORKERS; i++) {
      RandomGenerator random =
          RandomGeneratorFactory.of("L64X128MixRandom").create(seed * WORKERS + i);
      boolean inBulk = i == 0;
      workers.add(
          Thread.ofPlatform()
              .daemon()
              .name("load-" + i)
              .start(() -> work(jdbcUrl, random, inBulk)));
    }
  }

  long changes() {
    return changes.get();
  }

  long transactions() {
    return transactions.get();
  }

  long rolledBack() {
    return rolledBack.get();
  }

  private void work(String jdbcUrl, RandomGenerator random, boolean inBulk) {
    while (!stopping) {
      try (Connection connection = DriverManager.getConnection(jdbcUrl)) {
        connection.setAutoCommit(false);
        while (!stopping) {
          transaction(connection, random, inBulk);
        }
      } catch (SQLException e) {
        pause(RETRY_MILLIS);
      }
    }
  }

  private void transaction(Connection connection, RandomGenerator random, boolean inBulk)
      throws SQLException {
    long before = System.nanoTime();
    long changed = 0;
    try {
      changed = changeRows(connection, random, inBulk);
      if (random.nextInt(12) == 0) {
        connection.rollback();
        rolledBack.incrementAndGet();
      } else {
        connection.commit();
        transactions.incrementAndGet();
        changes.addAndGet(changed);
      }
    } catch (SQLException e) {
      // Another worker's row or lock, or the database is gone: then this fails too.
      connection.rollback();
      rolledBack.incrementAndGet();
    }
    long due =
        Math.min(LONGEST_PAUSE_MILLIS, (long) (changed * 1_000 * WORKERS / changesPerSecond));
    pause(Math.max(0, due - (System.nanoTime() - before) / 1_000_000));
  }

  private long changeRows(Connection connection, RandomGenerator random, boolean inBulk)
      throws SQLException {
    int kind = random.nextInt(400);
    if (kind == 0 && inBulk) {
      return statements(connection, bulk).updateAll();
    }
    if (kind == 1) {
      return statements(connection, refilled.get(random.nextInt(refilled.size()))).truncate();
    }
    int rows = kind < 20 ? random.nextInt(50, 300) : random.nextInt(1, 7);
    boolean isLong = kind >= 395;
    long changed = 0;
    for (int i = 0; i < rows; i++) {
      RandomTable table = tables.get(random.nextInt(tables.size()));
      changed += changeRow(statements(connection, table), table, random);
      if (isLong) {
        pause(random.nextInt(1_000));
      }
    }
    return changed;
  }

  private RowStatements statements(Connection connection, RandomTable table) {
    return new RowStatements(connection, table, moving.apply(table));
  }

  private long changeRow(RowStatements rows, RandomTable table, RandomGenerator random)
      throws SQLException {
    if (table.key().isEmpty() && random.nextInt(4) == 0) {
      return rows.repeat();
    }
    if (table.appendOnly()) {
      return rows.insert(appended.getAndIncrement(), random);
    }
    int number = random.nextInt(RandomTable.KEYS);
    int kind = random.nextInt(20);
    if (kind < 6) {
      return rows.insert(number, random);
    }
    if (kind < 15) {
      return rows.update(number, random);
    }
    return kind < 19 ? rows.delete(number) : rows.move(number, random.nextInt(RandomTable.KEYS));
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends; every transaction is then committed or rolled back. */
  @Override
  public void close() {
    stopping = true;
    for (Thread worker : workers) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

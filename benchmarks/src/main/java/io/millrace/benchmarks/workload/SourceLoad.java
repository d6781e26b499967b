package io.millrace.benchmarks.workload;

import io.millrace.benchmarks.BenchmarkException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** Writes transactions into the source database, each stream in its order. */
public final class SourceLoad {
  /** What a commit waits for. */
  public enum Commit {
    /** The log on disk, as a shop's database does. */
    DURABLE,
    /** Nothing, so that the disk does not bound the rate of a run flat out. */
    ASYNCHRONOUS
  }

  private final String url;
  private final Commit commit;

  /**
   * A load that has not begun.
   *
   * @param url JDBC URL of the source, user included
   */
  public SourceLoad(String url, Commit commit) {
    this.url = url;
    this.commit = commit;
  }

  /**
   * What was written.
   *
   * @param elapsed from the first transaction to the end of the last
   */
  public record Loaded(long changes, long transactions, Duration elapsed) {
    /** Changes a second. */
    public double rate() {
      return changes / (elapsed.toNanos() / 1e9);
    }
  }

  /** Creates the workload's empty tables. */
  public void createTables() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        InputStream schema =
            Objects.requireNonNull(
                getClass().getResourceAsStream("/io/millrace/benchmarks/schema.sql"))) {
      statement.execute(new String(schema.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes streams side by side, each by one connection.
   *
   * @param streams transactions; two of them may bring the same customers and products
   * @param connections at most as many at a time
   * @param pace may end them early
   * @throws BenchmarkException if the database refuses one
   */
  public Loaded run(List<Stream<RetailTransaction>> streams, int connections, Pace pace) {
    long start = System.nanoTime();
    List<Future<Loaded>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      streams.forEach(stream -> running.add(threads.submit(() -> write(stream, pace))));
    }
    long changes = 0;
    long transactions = 0;
    for (Future<Loaded> ended : running) {
      Loaded loaded = result(ended);
      changes += loaded.changes();
      transactions += loaded.transactions();
    }
    return new Loaded(changes, transactions, Duration.ofNanos(System.nanoTime() - start));
  }

  private Loaded write(Stream<RetailTransaction> stream, Pace pace)
      throws SQLException, InterruptedException {
    long start = System.nanoTime();
    long changes = 0;
    long transactions = 0;
    try (Connection connection = connect();
        TransactionWriter writer = new TransactionWriter(connection)) {
      for (Iterator<RetailTransaction> left = stream.iterator(); left.hasNext(); ) {
        RetailTransaction transaction = left.next();
        if (!pace.await(transaction.changes())) {
          break;
        }
        writer.write(transaction);
        changes += transaction.changes();
        transactions++;
      }
    }
    return new Loaded(changes, transactions, Duration.ofNanos(System.nanoTime() - start));
  }

  private Connection connect() throws SQLException {
    Connection connection = DriverManager.getConnection(url);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET synchronous_commit = " + (commit == Commit.DURABLE ? "on" : "off"));
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private static Loaded result(Future<Loaded> ended) {
    try {
      return ended.get();
    } catch (ExecutionException e) {
      throw new BenchmarkException("the source did not take the workload: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkException("interrupted while the source was loaded", e);
    }
  }
}

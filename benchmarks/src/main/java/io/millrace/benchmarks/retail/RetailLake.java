package io.millrace.benchmarks.retail;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.lake.LakeWatch;
import io.millrace.benchmarks.measure.Rounding;
import io.millrace.local.lake.Reconciler;
import io.millrace.local.lake.TableComparison;
import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.PipelineFile;
import io.millrace.sink.lake.LakeCatalog;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;

/** The lake of a stack: when it became equal to the source, and what it holds. */
final class RetailLake implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration TELL = Duration.ofSeconds(5);

  /** Share of the timeout for which a lake that differs may rest before it counts as wrong. */
  private static final int REST = 4;

  private final PipelineFile pipeline;
  private final LakeWatch watch;
  private final String sourceUrl;
  private final Duration timeout;
  private final Supplier<Optional<String>> death;
  private final PrintStream out;
  private List<TableComparison> comparisons = List.of();

  /**
   * A lake, watched from now on.
   *
   * @param timeout how long to wait for it to catch up
   * @param death what to say of a process of the stack that ended unasked
   */
  RetailLake(
      PipelineFile pipeline,
      String catalogUrl,
      String sourceUrl,
      Duration timeout,
      Supplier<Optional<String>> death,
      PrintStream out) {
    this.pipeline = pipeline;
    this.watch = new LakeWatch(pipeline, catalogUrl);
    this.sourceUrl = sourceUrl;
    this.timeout = timeout;
    this.death = death;
    this.out = out;
  }

  LakeWatch watch() {
    return watch;
  }

  PipelineFile pipeline() {
    return pipeline;
  }

  /** Rows of the captured tables. */
  long sourceRows() {
    long rows = 0;
    try (Connection connection = DriverManager.getConnection(sourceUrl);
        Statement statement = connection.createStatement()) {
      for (var table : pipeline.tables().values()) {
        try (ResultSet count = statement.executeQuery("SELECT count(*) FROM " + table.from())) {
          count.next();
          rows += count.getLong(1);
        }
      }
    } catch (SQLException e) {
      throw new BenchmarkException("the source's rows cannot be counted: " + e, e);
    }
    return rows;
  }

  /**
   * Waits, without asking much of the machine, until the lake has stopped changing and has every
   * change.
   *
   * @param changes that bronze must hold: rows of the snapshot and all changes since
   * @return when the last change became visible, milliseconds since the epoch
   * @throws BenchmarkException when it does not catch up, or a process has ended
   */
  long awaitQuiet(long changes) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    long told = System.nanoTime();
    long quiet = pipeline.lake().commitEvery().multipliedBy(2).plusSeconds(3).toMillis();
    while (true) {
      long bronze = watch.addedRows(LakeTable.Content.CHANGES);
      if (bronze >= changes && System.currentTimeMillis() - watch.lastChange() > quiet) {
        return watch.lastChange();
      }
      if (System.nanoTime() - told > TELL.toNanos()) {
        told = System.nanoTime();
        out.printf("  the lake has %,d of %,d changes%n", bronze, changes);
      }
      checkAlive();
      if (System.nanoTime() > deadline) {
        throw new BenchmarkException(
            "the lake has %,d of %,d changes and did not catch up within %s"
                .formatted(bronze, changes, timeout));
      }
      Thread.sleep(POLL);
    }
  }

  /**
   * Compares every table with the source, and goes on waiting while some are still to catch up.
   *
   * @return when the change by which all were equal became visible, milliseconds since the epoch
   * @throws BenchmarkException naming what differs when the lake stays different
   */
  long awaitEqual(long changes) throws InterruptedException {
    while (true) {
      long last = awaitQuiet(changes);
      comparisons = Reconciler.of(pipeline).compare();
      List<String> differing =
          comparisons.stream()
              .filter(comparison -> !comparison.equal())
              .map(RetailLake::difference)
              .toList();
      if (watch.lastChange() == last && differing.isEmpty()) {
        return last;
      }
      if (!differing.isEmpty()) {
        out.println("  not equal yet: " + String.join("; ", differing));
        awaitChange(last, differing);
      }
    }
  }

  private void awaitChange(long last, List<String> differing) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos() / REST;
    while (watch.lastChange() == last) {
      checkAlive();
      if (System.nanoTime() > deadline) {
        throw new BenchmarkException(
            "the lake stays different from the source: " + String.join("; ", differing));
      }
      Thread.sleep(POLL);
    }
  }

  private void checkAlive() {
    death
        .get()
        .ifPresent(
            died -> {
              throw new BenchmarkException(died);
            });
  }

  private static String difference(TableComparison comparison) {
    return "%s in %d keys (%s)"
        .formatted(
            comparison.table(),
            comparison.differingKeys(),
            comparison.differences().stream().findFirst().orElse(""));
  }

  /** The tables now, each read once; equality as {@link #awaitEqual} found it. */
  List<Figures.TableState> tables() {
    List<Figures.TableState> states = new ArrayList<>();
    try (LakeCatalog catalog = LakeCatalog.open(pipeline)) {
      for (LakeTable table : pipeline.lakeTables()) {
        states.add(state(table, catalog.load(table)));
      }
    }
    return states;
  }

  private Figures.TableState state(LakeTable declared, Table table) {
    long start = System.nanoTime();
    long rows = 0;
    try (CloseableIterable<Record> records = IcebergGenerics.read(table).build()) {
      for (Record record : records) {
        rows += record.size() > 0 ? 1 : 0;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + declared.identifier(), e);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    Map<String, String> summary =
        table.currentSnapshot() == null ? Map.of() : table.currentSnapshot().summary();
    int snapshots = watch.snapshots(declared.identifier()).size();
    return new Figures.TableState(
        declared.identifier(),
        rows,
        snapshots,
        total(summary, SnapshotSummary.TOTAL_DATA_FILES_PROP),
        total(summary, SnapshotSummary.TOTAL_DELETE_FILES_PROP),
        total(summary, SnapshotSummary.TOTAL_FILE_SIZE_PROP),
        comparisons.stream()
            .anyMatch(found -> found.table().equals(declared.identifier()) && found.equal()),
        Rounding.hundredths(seconds));
  }

  private static long total(Map<String, String> summary, String name) {
    return Long.parseLong(summary.getOrDefault(name, "0"));
  }

  @Override
  public void close() {
    watch.close();
  }
}

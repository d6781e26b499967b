package io.millrace.benchmarks.retail;

import io.millrace.benchmarks.measure.Latencies;
import io.millrace.benchmarks.measure.ProcessCost;
import io.millrace.benchmarks.measure.Rounding;
import java.util.List;

/** What a phase measured. Times are seconds. */
sealed interface Figures {
  /** Name of the phase. */
  String phase();

  /** Of every process, over the phase. */
  List<ProcessCost> costs();

  /** Lake tables afterwards. */
  List<TableState> tables();

  /**
   * A lake table at the end of a phase.
   *
   * @param snapshots that changed it
   * @param bytes of its data and delete files
   * @param equal to its SQL on the source
   * @param readSeconds to read it whole by Iceberg's own reader, deletes honoured
   */
  record TableState(
      String table,
      long rows,
      int snapshots,
      long dataFiles,
      long deleteFiles,
      long bytes,
      boolean equal,
      double readSeconds) {}

  /**
   * All rows there before the services start, until all tables equal SQL.
   *
   * @param rows in the source tables
   * @param startSeconds until all services were ready, part of {@code seconds}
   * @param sourceRate changes a second that the load had reached alone
   */
  record Backfill(
      String phase,
      long rows,
      double seconds,
      double rowsPerSecond,
      double startSeconds,
      double sourceRate,
      List<ProcessCost> costs,
      List<TableState> tables)
      implements Figures {}

  /**
   * The first month as snapshot, the rest as fast as the source takes it, until all tables equal
   * SQL.
   *
   * @param seconds from the first change to the last table that became equal
   * @param sourceSeconds that the source needed, beside the pipeline
   */
  record Stream(
      String phase,
      long changes,
      double seconds,
      double changesPerSecond,
      double sourceSeconds,
      List<ProcessCost> costs,
      List<TableState> tables)
      implements Figures {}

  /**
   * From commit in the source to visible in Iceberg, at a steady rate.
   *
   * @param asked changes a second
   * @param reached changes a second that the source committed
   * @param all tables of the comparison together, each row counted once
   * @param perTable bronze tables too
   * @param moments of the measured time at which the lake was looked at
   * @param torn of these, at which a line was visible without its order
   */
  record Freshness(
      String phase,
      int asked,
      double reached,
      int moments,
      int torn,
      TableFreshness all,
      List<TableFreshness> perTable,
      List<ProcessCost> costs,
      List<TableState> tables)
      implements Figures {}

  /** How long the rows of a table took. */
  record TableFreshness(String table, int rows, double p50, double p99, double max) {
    static TableFreshness of(String table, Latencies latencies) {
      return new TableFreshness(
          table,
          latencies.count(),
          Rounding.hundredths(latencies.seconds(0.5)),
          Rounding.hundredths(latencies.seconds(0.99)),
          Rounding.hundredths(latencies.seconds(1)));
    }
  }
}

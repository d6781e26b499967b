package io.millrace.benchmarks.retail;

import io.millrace.benchmarks.measure.Machine;
import io.millrace.benchmarks.measure.ProcessCost;
import io.millrace.benchmarks.measure.Rounding;
import io.millrace.benchmarks.measure.Versions;
import io.millrace.local.lake.TextTable;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/**
 * What a run of the workload gave.
 *
 * @param date when it began
 * @param settings as the command line had them
 */
record RetailReport(
    String benchmark,
    String date,
    Machine machine,
    Versions versions,
    Settings settings,
    List<Figures> phases,
    List<String> failures) {
  /** What figures depend on, of the settings. */
  record Settings(
      int months,
      int copies,
      long seed,
      int connections,
      String commitEvery,
      int partitions,
      boolean profiled) {
    static Settings of(RetailSettings settings) {
      return new Settings(
          settings.months(),
          settings.copies(),
          settings.seed(),
          settings.connections(),
          settings.commitEvery().toString(),
          settings.partitions(),
          settings.profile());
    }
  }

  void print(PrintStream out) {
    out.println();
    TextTable headlines = new TextTable(List.of("phase", "figure", "value"));
    for (Figures phase : phases) {
      switch (phase) {
        case Figures.Backfill backfill -> add(headlines, backfill);
        case Figures.Stream stream -> add(headlines, stream);
        case Figures.Freshness freshness -> add(headlines, freshness);
      }
    }
    headlines.print(out);
    for (Figures phase : phases) {
      out.printf("%n%s: what it used%n", title(phase));
      costs(phase.costs()).print(out);
      out.printf("%n%s: the lake afterwards%n", title(phase));
      lake(phase.tables()).print(out);
    }
    failures.forEach(failure -> out.println("\nFAILED " + failure));
  }

  private static String title(Figures phase) {
    return phase instanceof Figures.Freshness freshness
        ? "freshness at %,d changes/s".formatted(freshness.asked())
        : phase.phase();
  }

  private static void add(TextTable table, Figures.Backfill figures) {
    add(table, figures, "rows/s until equal", count(figures.rowsPerSecond()));
    add(
        table,
        figures,
        "rows, seconds (of them start)",
        "%,d, %.1f (%.1f)".formatted(figures.rows(), figures.seconds(), figures.startSeconds()));
    add(table, figures, "source load alone, changes/s", count(figures.sourceRate()));
    addCosts(table, figures);
  }

  private static void add(TextTable table, Figures.Stream figures) {
    add(table, figures, "changes/s until equal", count(figures.changesPerSecond()));
    add(
        table,
        figures,
        "changes, seconds (of them source)",
        "%,d, %.1f (%.1f)"
            .formatted(figures.changes(), figures.seconds(), figures.sourceSeconds()));
    addCosts(table, figures);
  }

  private static void add(TextTable table, Figures.Freshness figures) {
    add(
        table,
        figures,
        "p50 / p99 / max",
        "%.2f / %.2f / %.2f s"
            .formatted(figures.all().p50(), figures.all().p99(), figures.all().max()));
    for (Figures.TableFreshness one : figures.perTable()) {
      add(
          table,
          figures,
          "  " + one.table(),
          "%.2f / %.2f / %.2f s, %,d rows".formatted(one.p50(), one.p99(), one.max(), one.rows()));
    }
    add(table, figures, "reached changes/s", count(figures.reached()));
    add(
        table,
        figures,
        "torn moments (a line without its order)",
        figures.moments() == 0 ? "not asked" : figures.torn() + " of " + figures.moments());
    addCosts(table, figures);
  }

  private static void addCosts(TextTable table, Figures figures) {
    for (ProcessCost.Part part : ProcessCost.Part.values()) {
      List<ProcessCost> costs =
          figures.costs().stream().filter(cost -> cost.part() == part).toList();
      double perMillion = costs.stream().mapToDouble(ProcessCost::cpuSecondsPerMillion).sum();
      long peak = costs.stream().mapToLong(ProcessCost::peakMebibytes).sum();
      add(
          table,
          figures,
          "CPU-s per million, peak MiB: " + part.name().toLowerCase(Locale.ROOT),
          "%.1f, %,d".formatted(perMillion, peak));
    }
  }

  private static void add(TextTable table, Figures phase, String figure, String value) {
    table.add(List.of(title(phase), figure, value));
  }

  private static String count(double value) {
    return "%,.0f".formatted(value);
  }

  private static TextTable costs(List<ProcessCost> costs) {
    TextTable table =
        new TextTable(
            List.of("process", "CPU s", "CPU s per million", "peak MiB", "threads, CPU s"));
    for (ProcessCost cost : costs) {
      table.add(
          List.of(
              cost.process(),
              cost.cpuSeconds(),
              cost.cpuSecondsPerMillion(),
              cost.peakMebibytes(),
              busiest(cost)));
    }
    return table;
  }

  private static String busiest(ProcessCost cost) {
    return String.join(
        ", ",
        cost.threads().entrySet().stream()
            .sorted((left, right) -> Double.compare(right.getValue(), left.getValue()))
            .limit(5)
            .map(thread -> thread.getKey() + " " + thread.getValue())
            .toList());
  }

  private static TextTable lake(List<Figures.TableState> tables) {
    TextTable table =
        new TextTable(
            List.of(
                "table",
                "rows",
                "equal",
                "snapshots",
                "data files",
                "delete files",
                "MB",
                "read s"));
    for (Figures.TableState state : tables) {
      table.add(
          List.of(
              state.table(),
              state.rows(),
              state.equal() ? "yes" : "NO",
              state.snapshots(),
              state.dataFiles(),
              state.deleteFiles(),
              Rounding.hundredths(state.bytes() / 1e6),
              state.readSeconds()));
    }
    return table;
  }
}

package io.millrace.benchmarks.retail;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.measure.CostMeter;
import io.millrace.benchmarks.measure.Latencies;
import io.millrace.benchmarks.measure.ProcessCost;
import io.millrace.benchmarks.measure.Rounding;
import io.millrace.benchmarks.workload.Pace;
import io.millrace.benchmarks.workload.RetailTransaction;
import io.millrace.benchmarks.workload.RetailWorkload;
import io.millrace.benchmarks.workload.SourceLoad;
import io.millrace.benchmarks.workload.SourceLoad.Commit;
import io.millrace.benchmarks.workload.SourceLoad.Loaded;
import io.millrace.pipeline.LakeTable;
import io.millrace.sink.lake.LakeCatalog;
import java.io.PrintStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The phases, each on a fresh stack. */
final class RetailRun {
  private final RetailSettings settings;
  private final RetailWorkload workload;
  private final PrintStream out;

  RetailRun(RetailSettings settings, PrintStream out) {
    this.settings = settings;
    this.out = out;
    this.workload = RetailWorkload.read(settings.dataset(), settings.months(), settings.seed());
  }

  /** All rows there before the services start. */
  Figures.Backfill backfill() throws InterruptedException {
    out.println("backfill");
    Instant begin;
    Figures.Backfill figures;
    RetailStack stack = new RetailStack(settings, "backfill", out);
    try (stack) {
      stack.startInfrastructure();
      Loaded loaded =
          stack.load(Commit.ASYNCHRONOUS).run(copies(0), settings.connections(), Pace.flatOut());
      out.printf("  the source took %,.0f changes/s alone%n", loaded.rate());
      try (RetailLake lake = stack.watchLake()) {
        long rows = lake.sourceRows();
        try (CostMeter meter = new CostMeter(stack.processes())) {
          begin = Instant.now();
          stack.startServices();
          double started = secondsSince(begin, System.currentTimeMillis());
          long quiet = lake.awaitQuiet(rows);
          List<ProcessCost> costs = meter.costs(stack.processes(), rows);
          long end = Math.max(lake.awaitEqual(rows), quiet);
          double seconds = secondsSince(begin, end);
          figures =
              new Figures.Backfill(
                  "backfill",
                  rows,
                  Rounding.hundredths(seconds),
                  Math.round(rows / seconds),
                  Rounding.hundredths(started),
                  Math.round(loaded.rate()),
                  costs,
                  lake.tables());
        }
      }
    }
    stack.printProfile(begin, Instant.now());
    return figures;
  }

  /** The first month as snapshot, the rest flat out. */
  Figures.Stream stream() throws InterruptedException {
    out.println("stream");
    Instant begin;
    Instant settled;
    Figures.Stream figures;
    RetailStack stack = new RetailStack(settings, "stream", out);
    try (stack) {
      stack.startInfrastructure();
      try (RetailLake lake = startOnFirstMonth(stack)) {
        long rows = lake.sourceRows();
        lake.awaitEqual(rows);
        out.println("  streaming flat out");
        List<Stream<RetailTransaction>> streams = copies(1);
        streams.addFirst(workload.laterMonths());
        try (CostMeter meter = new CostMeter(stack.processes())) {
          begin = Instant.now();
          Loaded loaded =
              stack.load(Commit.ASYNCHRONOUS).run(streams, settings.connections(), Pace.flatOut());
          out.printf("  the source took %,.0f changes/s beside the pipeline%n", loaded.rate());
          long quiet = lake.awaitQuiet(rows + loaded.changes());
          settled = Instant.now();
          List<ProcessCost> costs = meter.costs(stack.processes(), loaded.changes());
          long end = Math.max(lake.awaitEqual(rows + loaded.changes()), quiet);
          double seconds = secondsSince(begin, end);
          figures =
              new Figures.Stream(
                  "stream",
                  loaded.changes(),
                  Rounding.hundredths(seconds),
                  Math.round(loaded.changes() / seconds),
                  Rounding.hundredths(loaded.elapsed().toNanos() / 1e9),
                  costs,
                  lake.tables());
        }
      }
    }
    stack.printProfile(begin, settled);
    return figures;
  }

  /** Steady rates, one after the other on one stack that begins with the first month. */
  List<Figures.Freshness> freshness() throws InterruptedException {
    out.println("freshness");
    List<Figures.Freshness> figures = new ArrayList<>();
    Instant begin;
    Instant settled;
    RetailStack stack = new RetailStack(settings, "freshness", out);
    try (stack) {
      stack.startInfrastructure();
      try (RetailLake lake = startOnFirstMonth(stack)) {
        long bronze = lake.sourceRows();
        lake.awaitEqual(bronze);
        begin = Instant.now();
        for (int i = 0; i < settings.rates().size(); i++) {
          Steady steady = new Steady(stack, lake, settings.rates().get(i), i, bronze);
          figures.add(steady.measure());
          bronze = steady.bronze;
        }
        settled = Instant.now();
      }
    }
    stack.printProfile(begin, settled);
    return figures;
  }

  private RetailLake startOnFirstMonth(RetailStack stack) throws InterruptedException {
    stack.load(Commit.ASYNCHRONOUS).run(List.of(workload.firstMonth()), 1, Pace.flatOut());
    RetailLake lake = stack.watchLake();
    stack.startServices();
    return lake;
  }

  private List<Stream<RetailTransaction>> copies(int from) {
    return new ArrayList<>(
        IntStream.range(from, settings.copies()).mapToObj(workload::copy).toList());
  }

  private static double secondsSince(Instant begin, long end) {
    return (end - begin.toEpochMilli()) / 1000.0;
  }

  /** One steady rate. */
  private final class Steady {
    /** Copies of one rate are not those of another. */
    private static final int COPIES_APART = 100_000;

    private final RetailStack stack;
    private final RetailLake lake;
    private final int rate;
    private final int number;
    private long bronze;

    Steady(RetailStack stack, RetailLake lake, int rate, int number, long bronze) {
      this.stack = stack;
      this.lake = lake;
      this.rate = rate;
      this.number = number;
      this.bronze = bronze;
    }

    Figures.Freshness measure() throws InterruptedException {
      out.printf("  %,d changes/s for %s + %s%n", rate, settings.warmUp(), settings.measured());
      try (CostMeter meter = new CostMeter(stack.processes())) {
        long begin = System.currentTimeMillis();
        SourceLoad load = stack.load(Commit.DURABLE);
        Loaded loaded =
            load.run(
                streams(),
                settings.connections(),
                Pace.of(rate, settings.warmUp().plus(settings.measured())));
        long end = System.currentTimeMillis();
        bronze += loaded.changes();
        lake.awaitQuiet(bronze);
        List<ProcessCost> costs = meter.costs(stack.processes(), loaded.changes());
        lake.awaitEqual(bronze);
        long from = begin + settings.warmUp().toMillis();
        if (from >= end) {
          throw new BenchmarkException("nothing is left to measure after the warm-up");
        }
        Map<String, Latencies> perTable = read(new FreshnessReader(from, end));
        return new Figures.Freshness(
            "freshness",
            rate,
            Math.round(loaded.rate()),
            settings.moments(),
            new TornMoments(lake.watch()).count(lake.pipeline(), from, end, settings.moments()),
            Figures.TableFreshness.of("all", together(perTable)),
            perTable.entrySet().stream()
                .map(table -> Figures.TableFreshness.of(table.getKey(), table.getValue()))
                .toList(),
            costs,
            lake.tables());
      }
    }

    /** Endless copies, after the later months of the first. */
    private List<Stream<RetailTransaction>> streams() {
      List<Stream<RetailTransaction>> streams = new ArrayList<>();
      for (int i = 0; i < settings.connections(); i++) {
        int first = (number + 1) * COPIES_APART + i;
        Stream<RetailTransaction> endless =
            IntStream.iterate(first, copy -> copy + settings.connections())
                .boxed()
                .flatMap(workload::copy);
        streams.add(
            number == 0 && i == 0 ? Stream.concat(workload.laterMonths(), endless) : endless);
      }
      return streams;
    }

    private Map<String, Latencies> read(FreshnessReader reader) {
      Map<String, Latencies> perTable = new LinkedHashMap<>();
      try (LakeCatalog catalog = LakeCatalog.open(lake.pipeline())) {
        for (LakeTable declared : lake.pipeline().lakeTables()) {
          var table = catalog.load(declared);
          Latencies latencies = new Latencies();
          lake.watch().snapshots(declared.identifier()).stream()
              .filter(seen -> reader.mayConcern(seen.at()))
              .forEach(seen -> reader.read(table, seen, latencies));
          perTable.put(declared.identifier(), latencies);
        }
      }
      return perTable;
    }

    /** Of the tables that peers keep too. */
    private Latencies together(Map<String, Latencies> perTable) {
      Latencies all = new Latencies();
      for (LakeTable table : lake.pipeline().lakeTables()) {
        Latencies latencies = perTable.get(table.identifier());
        if (latencies != null && table.content() != LakeTable.Content.CHANGES) {
          all.addAll(latencies);
        }
      }
      return all;
    }
  }
}

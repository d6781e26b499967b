package io.millrace.local;

import io.millrace.local.lake.LakeQuery;
import io.millrace.local.lake.Reconciler;
import io.millrace.local.lake.ResultFormat;
import io.millrace.local.lake.TableComparison;
import io.millrace.local.lake.TextTable;
import io.millrace.local.shop.Pace;
import io.millrace.local.shop.RetailReplay;
import io.millrace.local.shop.Shop;
import io.millrace.local.shop.ShopLoad;
import io.millrace.local.shop.ShopSimulator;
import io.millrace.pipeline.PipelineFile;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The demo: a shop lives, the lake follows, and both are compared. */
final class Demo {
  /**
   * What the shop is.
   *
   * @param dataset to replay; null to simulate
   * @param duration after which the shop closes; null for the end of the data set
   * @param changesPerSecond 0 for flat out
   * @param lake where it is
   */
  record Settings(
      @Nullable Path dataset,
      @Nullable Duration duration,
      double changesPerSecond,
      LakePlace lake) {}

  private static final String RUN = "demo";
  private static final long SEED = 1;
  private static final int REPLAYED_BEFORE_START = 1_000;
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration QUIET = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String SAMPLE =
      "SELECT window_start, country, revenue, lines FROM gold.revenue_per_minute"
          + " ORDER BY revenue DESC, window_start, country LIMIT 5";

  private final Terminal terminal;
  private final WorkDirectory work;
  private final Settings settings;
  private final ShopLoad load;
  private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
  private final Map<String, StageMetrics.Freshness> freshness = new HashMap<>();

  Demo(Terminal terminal, WorkDirectory work, Settings settings) {
    this.terminal = terminal;
    this.work = work;
    this.settings = settings;
    this.load = load(settings.dataset());
  }

  private static ShopLoad load(@Nullable Path dataset) {
    try {
      return dataset == null
          ? new ShopSimulator(SEED)
          : new RetailReplay(dataset, RetailReplay.Options.recorded());
    } catch (IllegalArgumentException e) {
      throw new StackException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Runs it; true when every lake table equals the source. */
  boolean run() throws InterruptedException {
    work.claim(terminal);
    work.clear(RUN);
    Path file = Shop.writePipelineFile(work.run(RUN).resolve("pipeline.yaml"));
    long start = System.nanoTime();
    boolean equal;
    try (LocalStack stack =
        new LocalStack(
            new StackSettings(work.run(RUN), file).withLake(settings.lake()).withSeed(this::seed),
            terminal::line)) {
      stack.onDeath((process, obituary) -> failure.compareAndSet(null, obituary));
      stack.publishTo(work.path());
      stack.start();
      terminal.line(
          "everything serves after %d s; the shop is open"
              .formatted(Duration.ofNanos(System.nanoTime() - start).toSeconds()));
      equal = follow(stack);
    }
    terminal.line("");
    if (equal) {
      work.clearData(RUN);
      terminal.line("everything is stopped; the logs are in " + work.run(RUN).resolve("logs"));
    } else {
      terminal.line("everything is stopped; data and logs are in " + work.run(RUN));
    }
    return equal;
  }

  /** What the shop has before the pipeline starts: the snapshot takes it over. */
  private void seed(String jdbcUrl) throws SQLException {
    Shop.createTables(jdbcUrl);
    if (load instanceof ShopSimulator simulator) {
      simulator.open(jdbcUrl);
      return;
    }
    try {
      load.run(
          jdbcUrl, Pace.flatOut(), () -> load.progress().transactions() >= REPLAYED_BEFORE_START);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("interrupted while filling the shop", e);
    }
  }

  private boolean follow(LocalStack stack) throws InterruptedException {
    PipelineFile pipeline = stack.pipeline();
    try (ConsumerLag lag = new ConsumerLag(stack.address("kafka"), pipeline.pipeline())) {
      LiveLine live = new LiveLine(load.progress().changes(), StageMetrics.scrape(stack));
      Thread shop = open(stack);
      while (shop.isAlive()) {
        tick(stack, live, lag);
      }
      terminal.endLive();
      terminal.line(
          "the shop is closed: %,d changes in %,d transactions; the lake catches up"
              .formatted(load.progress().changes(), load.progress().transactions()));
      List<TableComparison> comparisons = catchUp(stack, live, lag, pipeline);
      terminal.line("");
      print(comparisons);
      ReconcileCommand.printDifferences(comparisons, terminal);
      terminal.line("");
      terminal.line(SAMPLE);
      new LakeQuery(pipeline)
          .run(SAMPLE, result -> ResultFormat.ALIGNED.printTo(result, terminal.out()));
      return comparisons.stream().allMatch(TableComparison::equal);
    }
  }

  private Thread open(LocalStack stack) {
    Duration duration = settings.duration();
    long end = duration == null ? Long.MAX_VALUE : System.nanoTime() + duration.toNanos();
    Pace pace =
        settings.changesPerSecond() > 0 ? Pace.of(settings.changesPerSecond()) : Pace.flatOut();
    return Thread.ofPlatform()
        .daemon()
        .name("shop")
        .start(
            () -> {
              try {
                load.run(
                    stack.source().url(),
                    pace,
                    () -> failure.get() != null || System.nanoTime() - end >= 0);
              } catch (SQLException e) {
                failure.compareAndSet(null, "the shop's database failed: " + e.getMessage());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private StageMetrics tick(LocalStack stack, LiveLine live, ConsumerLag lag)
      throws InterruptedException {
    Thread.sleep(TICK);
    String died = failure.get();
    if (died != null) {
      throw new StackException(died);
    }
    StageMetrics metrics = StageMetrics.scrape(stack);
    freshness.putAll(metrics.freshness());
    terminal.live(live.next(load.progress().changes(), metrics, lag.records()));
    return metrics;
  }

  /**
   * Waits until no stage has anything to do and every table is equal; gives up when nothing has
   * moved for long and they still are not.
   */
  private List<TableComparison> catchUp(
      LocalStack stack, LiveLine live, ConsumerLag lag, PipelineFile pipeline)
      throws InterruptedException {
    Reconciler reconciler = Reconciler.of(pipeline);
    StageMetrics compared = null;
    long patience = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      StageMetrics quiet = awaitQuiet(stack, live, lag);
      terminal.endLive();
      List<TableComparison> comparisons = reconciler.compare();
      boolean equal = comparisons.stream().allMatch(TableComparison::equal);
      if (compared == null || !quiet.sameWorkAs(compared)) {
        patience = System.nanoTime() + PATIENCE.toNanos();
      }
      if (equal || System.nanoTime() - patience >= 0) {
        return comparisons;
      }
      compared = quiet;
    }
  }

  private StageMetrics awaitQuiet(LocalStack stack, LiveLine live, ConsumerLag lag)
      throws InterruptedException {
    StageMetrics last = tick(stack, live, lag);
    long quietSince = System.nanoTime();
    while (System.nanoTime() - quietSince < QUIET.toNanos()) {
      StageMetrics now = tick(stack, live, lag);
      if (!now.sameWorkAs(last)) {
        quietSince = System.nanoTime();
      }
      last = now;
    }
    return last;
  }

  private void print(List<TableComparison> comparisons) {
    TextTable table =
        new TextTable(
            List.of(
                "table",
                "rows in source",
                "rows in lake",
                "equal",
                "fresh p50",
                "fresh p99",
                "KiB"));
    for (TableComparison comparison : comparisons) {
      StageMetrics.Freshness fresh = freshness.get(comparison.table());
      table.add(
          List.of(
              comparison.table(),
              comparison.sourceRows(),
              comparison.lakeRows(),
              comparison.equal() ? "yes" : "NO",
              fresh == null ? "-" : LiveLine.seconds(fresh.p50()),
              fresh == null ? "-" : LiveLine.seconds(fresh.p99()),
              comparison.bytes() / 1024));
    }
    table.print(terminal.out());
  }
}

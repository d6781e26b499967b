package io.millrace.local.chaos;

import io.millrace.local.LocalStack;
import io.millrace.local.StackSettings;
import io.millrace.local.lake.Reconciler;
import io.millrace.local.lake.TableComparison;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * The fault test: a random load on a random database, carried to the lake by a random pipeline
 * whose processes are killed, frozen and restarted. In the end every lake table must equal its SQL,
 * and the lake must hold every committed change once.
 */
public final class Chaos {
  /** Name of the directory of its run. */
  public static final String RUN = "chaos";

  private static final Duration POLL = Duration.ofSeconds(3);

  /**
   * What to do.
   *
   * @param seed of schema, views, load and faults
   * @param duration of the faults
   * @param changesPerSecond of the load, about
   * @param bulkRows rows that some transactions change all at once
   * @param patience how long the lake may take to catch up once the faults have ended
   */
  public record Settings(
      long seed, Duration duration, double changesPerSecond, int bulkRows, Duration patience) {}

  /**
   * What came of it.
   *
   * @param changes rows that the load changed, and whose transactions committed
   * @param transactions committed
   * @param rolledBack transactions
   * @param faults how often what happened
   * @param comparisons of all lake tables
   * @param lostOrRepeated tables whose changes do not stand in the lake once each; empty when all
   *     do
   */
  public record Outcome(
      long changes,
      long transactions,
      long rolledBack,
      Map<String, Integer> faults,
      List<TableComparison> comparisons,
      List<String> lostOrRepeated) {
    /** Whether the promise was kept. */
    public boolean kept() {
      return lostOrRepeated.isEmpty() && comparisons.stream().allMatch(TableComparison::equal);
    }
  }

  private final Settings settings;
  private final Path workDirectory;
  private final Consumer<String> log;
  private final RandomGenerator random;
  private final RandomPipeline pipeline;
  private final RandomTable bulk;
  private final RandomLoad load;

  /**
   * A test that has not begun.
   *
   * @param workDirectory for everything it writes, in {@link #RUN}, and for {@code endpoints.json}
   * @param log told what happens, a line each
   */
  public Chaos(Settings settings, Path workDirectory, Consumer<String> log) {
    this.settings = settings;
    this.workDirectory = workDirectory;
    this.log = log;
    this.random = generator(settings.seed());
    this.pipeline = RandomPipeline.of(generator(settings.seed()));
    this.bulk = pipeline.tables().get(pipeline.tables().size() - 2);
    this.load = new RandomLoad(pipeline.tables(), settings.changesPerSecond());
  }

  private static RandomGenerator generator(long seed) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /**
   * Runs it.
   *
   * @throws io.millrace.local.StackException when the stack cannot be started, or does not recover
   */
  public Outcome run() throws InterruptedException, SQLException {
    Path directory = workDirectory.resolve(RUN);
    Path file = pipeline.writeTo(directory.resolve("pipeline.yaml"));
    StackSettings stackSettings = new StackSettings(directory, file).withSeed(this::seed);
    try (LocalStack stack = new LocalStack(stackSettings, log)) {
      stack.publishTo(workDirectory);
      stack.start();
      Faults faults = new Faults(stack, random, log);
      try (load) {
        load.start(stack.source().url(), settings.seed(), bulk);
        long end = System.nanoTime() + settings.duration().toNanos();
        while (System.nanoTime() - end < 0) {
          faults.next();
        }
        log.accept("the faults are over; everything starts again");
        faults.recover();
      }
      log.accept("the load has ended; the lake catches up");
      List<TableComparison> comparisons = catchUp(stack);
      return new Outcome(
          load.changes(),
          load.transactions(),
          load.rolledBack(),
          faults.counts(),
          comparisons,
          CommittedChanges.differences(pipeline.tables(), stack.source().url(), stack.pipeline()));
    }
  }

  private void seed(String jdbcUrl) throws SQLException {
    pipeline.createTables(jdbcUrl);
    load.seed(jdbcUrl, generator(settings.seed()), bulk, settings.bulkRows());
  }

  private List<TableComparison> catchUp(LocalStack stack) throws InterruptedException {
    Reconciler reconciler = Reconciler.of(stack.pipeline());
    long deadline = System.nanoTime() + settings.patience().toNanos();
    while (true) {
      Thread.sleep(POLL);
      List<TableComparison> comparisons = reconciler.compare();
      if (comparisons.stream().allMatch(TableComparison::equal)
          || System.nanoTime() - deadline > 0) {
        return comparisons;
      }
    }
  }
}

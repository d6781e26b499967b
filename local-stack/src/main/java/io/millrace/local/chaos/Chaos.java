package io.millrace.local.chaos;

import io.millrace.local.ConnectorClient;
import io.millrace.local.LakePlace;
import io.millrace.local.LocalStack;
import io.millrace.local.StackSettings;
import io.millrace.local.lake.TableComparison;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The fault test: a random load on a random database, carried to the lake by a random pipeline
 * whose processes are killed, frozen, restarted and doubled, cut off from each other and left
 * without disk space. In the end every lake table must equal its SQL, and the lake must hold every
 * committed change once.
 */
public final class Chaos {
  /** Name of the directory of its run. */
  public static final String RUN = "chaos";

  private static final int COMPARED_STEPS = 1_000;

  /** Makes another generator of a seed. */
  private static final long ALTERATIONS = 0x616c746572L;

  private static final long REREADS = 0x7265616473L;

  /**
   * What to do.
   *
   * @param seed of schema, views, load and faults
   * @param duration of the faults; null for each kind once
   * @param changesPerSecond of the load, about
   * @param bulkRows rows that some transactions change all at once
   * @param patience how long the lake may take to catch up once the faults have ended
   * @param lake where it is
   */
  public record Settings(
      long seed,
      @Nullable Duration duration,
      double changesPerSecond,
      int bulkRows,
      Duration patience,
      LakePlace lake) {}

  /**
   * What came of it.
   *
   * @param changes rows that the load changed, and whose transactions committed
   * @param transactions committed
   * @param rolledBack transactions
   * @param faults how often what happened
   * @param comparisons of all lake tables
   * @param problems whatever else is not as it has to be: changes lost or repeated, impossible
   *     histories, records unread or dead, replication slots left
   * @param remains in the warehouse, of transactions that were broken off
   */
  public record Outcome(
      long changes,
      long transactions,
      long rolledBack,
      Map<String, Integer> faults,
      List<TableComparison> comparisons,
      List<String> problems,
      LakeRemains remains) {
    /** Whether the promise was kept. */
    public boolean kept() {
      return problems.isEmpty() && comparisons.stream().allMatch(TableComparison::equal);
    }
  }

  private final Settings settings;
  private final Path workDirectory;
  private final Consumer<String> log;
  private final RandomPipeline pipeline;
  private final RandomLoad load;

  /** Lets go of what a run that was killed has left behind, so that its files can be removed. */
  public static void release(Path workDirectory) {
    SmallDisks.releaseBelow(workDirectory.resolve(RUN));
  }

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
    this.pipeline = RandomPipeline.of(generator(settings.seed()));
    this.load = new RandomLoad(pipeline, settings.changesPerSecond());
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
    log.accept(digest());
    Path directory = workDirectory.resolve(RUN);
    Path file = pipeline.writeTo(directory.resolve("pipeline.yaml"));
    String token = UUID.randomUUID().toString();
    StackSettings stackSettings =
        new StackSettings(directory, file)
            .withCuttableNetworks()
            .withLake(settings.lake())
            .withEnvironment(ConnectorClient.TOKEN, token)
            .withSeed(this::seed);
    try (SmallDisks disks = SmallDisks.below(directory, log);
        LocalStack stack = new LocalStack(stackSettings, log)) {
      stack.publishTo(workDirectory);
      stack.start();
      Faults faults = new Faults(stack, disks, log);
      List<String> problems = new ArrayList<>();
      try (load;
          ConnectorClient connector = connector(stack, token)) {
        Alterations alterations =
            new Alterations(
                stack.source().url(),
                generator(settings.seed()),
                alteration -> {
                  log.accept("   " + alteration.sql());
                  faults.count(alteration.kind().toString());
                });
        load.start(stack.source().url(), settings.seed(), alterations::columns);
        Rereads rereads =
            new Rereads(
                stack.source().url(),
                connector,
                step -> {
                  log.accept("   " + step);
                  faults.count(step.course().toString());
                });
        strike(faults, alterations, rereads);
        log.accept("the faults are over; everything starts again");
        faults.recover();
        problems.addAll(rereads.problems());
      }
      log.accept("the load has ended; the lake catches up");
      Verdict verdict =
          new Verdict(
              stack,
              pipeline.tables(),
              directory.resolve(SmallDisks.WAREHOUSE),
              settings.patience());
      List<TableComparison> comparisons = verdict.comparisons();
      problems.addAll(verdict.problems());
      LakeRemains remains = verdict.lakeRemains();
      problems.addAll(verdict.sweep());
      return new Outcome(
          load.changes(),
          load.transactions(),
          load.rolledBack(),
          faults.counts(),
          comparisons,
          problems,
          remains);
    }
  }

  private static ConnectorClient connector(LocalStack stack, String token) {
    return new ConnectorClient(
        Stream.of("cdc-connector", "cdc-connector-2").map(stack::address).map(URI::create).toList(),
        token);
  }

  /** Two runs with the same digest do the same, as far as that is not a matter of time. */
  private String digest() {
    return "schema %s, pipeline %s, faults %s, replicas %s, alterations %s, rereads %s"
        .formatted(
            Digest.of(String.join(";", pipeline.ddl())),
            Digest.of(pipeline.yaml()),
            Digest.of(text(strikes())),
            Digest.of(text(replicas())),
            Digest.of(text(alterations())),
            Digest.of(text(rereads())));
  }

  private static String text(Iterator<?> plan) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < COMPARED_STEPS && plan.hasNext(); i++) {
      text.append(plan.next()).append('\n');
    }
    return text.toString();
  }

  private Iterator<FaultPlan.Step> strikes() {
    RandomGenerator random = generator(settings.seed());
    return settings.duration() == null
        ? FaultPlan.eachStrike(random, settings.lake())
        : FaultPlan.strikes(random, settings.lake());
  }

  private Iterator<AlterationPlan.Step> alterations() {
    RandomGenerator random = generator(settings.seed() ^ ALTERATIONS);
    return settings.duration() == null
        ? AlterationPlan.eachKind(random, pipeline.tables())
        : AlterationPlan.endless(random, pipeline.tables());
  }

  private Iterator<RereadPlan.Step> rereads() {
    RandomGenerator random = generator(settings.seed() ^ REREADS);
    return settings.duration() == null
        ? RereadPlan.eachCourse(random, pipeline.tables())
        : RereadPlan.endless(random, pipeline.tables());
  }

  private Iterator<FaultPlan.Step> replicas() {
    RandomGenerator random = generator(~settings.seed());
    return settings.duration() == null ? FaultPlan.eachReplica(random) : FaultPlan.replicas(random);
  }

  /**
   * Lets faults strike what every stack has, replicas come and go meanwhile, and tables be altered
   * and read again.
   */
  private void strike(Faults faults, Alterations alterations, Rereads rereads)
      throws InterruptedException {
    Duration duration = settings.duration();
    long end = System.nanoTime() + (duration == null ? 0 : duration.toNanos());
    BooleanSupplier over = () -> duration != null && System.nanoTime() - end >= 0;
    together(
        List.of(
            () -> faults.run(strikes(), over),
            () -> faults.run(replicas(), over),
            () -> alterations.run(alterations(), over),
            () -> rereads.run(rereads(), over)));
  }

  @FunctionalInterface
  private interface Part {
    void run() throws InterruptedException;
  }

  private static void together(List<Part> all) throws InterruptedException {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> parts = new ArrayList<>();
      for (Part part : all) {
        parts.add(
            executor.submit(
                () -> {
                  part.run();
                  return null;
                }));
      }
      for (Future<?> part : parts) {
        part.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a fault could not be brought about", e.getCause());
    }
  }

  private void seed(String jdbcUrl) throws SQLException {
    pipeline.createTables(jdbcUrl);
    load.seed(jdbcUrl, generator(settings.seed()), settings.bulkRows());
  }
}

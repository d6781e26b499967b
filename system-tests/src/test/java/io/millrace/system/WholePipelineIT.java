package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.LakePlace;
import io.millrace.local.LocalStack;
import io.millrace.local.StackSettings;
import io.millrace.local.lake.Arrival;
import io.millrace.local.lake.Reconciler;
import io.millrace.local.lake.TableComparison;
import io.millrace.local.shop.Pace;
import io.millrace.local.shop.RetailReplay;
import io.millrace.local.shop.Shop;
import io.millrace.local.shop.ShopLoad;
import io.millrace.local.shop.ShopSimulator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The promise, on real data: a retailer's months flow from PostgreSQL to a lake in S3 while each
 * service is killed once and views are added to the file, and in the end everything equals SQL on
 * the source, by our own reconciliation and by Spark's reading.
 */
final class WholePipelineIT {
  private static final Path HOME = Path.of(System.getProperty("millrace.home"));
  private static final Path DATASET = HOME.resolveSibling("shared/data/online-retail");
  private static final List<String> SERVICES =
      List.of("cdc-connector", "enrichment-service", "aggregation-service", "sink-service");
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** What a new view concerns; cdc-connector, and so the source, it does not. */
  private static final List<String> SERVICES_OF_VIEWS =
      List.of("sink-service", "enrichment-service", "aggregation-service");

  private static final long SEEDED = 20_000;
  private static final long BETWEEN_KILLS = 2_500;
  private static final double CHANGES_PER_SECOND = 500;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  @Test
  void everyTableEqualsItsSqlThoughServicesAreKilledAndViewsAreAddedUnderLoad() throws Exception {
    // given
    ShopLoad load = load();
    Path pipelineFile = Shop.writePipelineFile(directory.resolve("pipeline.yaml"));
    StackSettings settings =
        new StackSettings(directory.resolve("run"), pipelineFile)
            .withLake(LakePlace.S3)
            .withSeed(url -> seed(load, url));
    try (LocalStack stack = new LocalStack(settings)) {
      stack.start();
      String source = stack.source().url();
      AtomicBoolean killed = new AtomicBoolean();

      // when
      CompletableFuture<Void> loading =
          CompletableFuture.runAsync(
              () -> run(load, source, Pace.of(CHANGES_PER_SECOND), killed::get),
              // the common pool tells of processes' ends and has a thread to spare for nothing else
              task -> Thread.ofPlatform().name("load").start(task));
      for (String service : SERVICES) {
        long mark = load.progress().changes() + BETWEEN_KILLS;
        Awaitility.await().atMost(PATIENCE).until(() -> reached(load, mark) || loading.isDone());
        assertThat(loading).as("%s is killed while changes come", service).isNotDone();
        stack.kill(service);
        stack.restart(service);
      }
      LateViews.addTo(pipelineFile);
      SERVICES_OF_VIEWS.forEach(stack::restart);
      assertThat(loading).as("views come while changes come").isNotDone();
      killed.set(true);
      loading.join();

      // then
      try (Arrival arrival = new Arrival(stack.pipeline(), any -> {})) {
        assertThat(arrival.awaitTime(stack.pipeline().lakeTables(), Instant.now(), PATIENCE))
            .isTrue();
      }
      assertThat(Reconciler.of(stack.pipeline()).compare())
          .hasSize(14)
          .allMatch(TableComparison::equal);
      List<Comparison> comparisons = new ArrayList<>(ShopComparisons.content());
      comparisons.addAll(LateViews.content());
      comparisons.addAll(ShopComparisons.changes());
      List<Comparison.Outcome> outcomes =
          new IndependentReader(HOME, directory)
              .compare("millrace", stack.environment(), source, comparisons);
      assertThat(outcomes).hasSameSizeAs(comparisons).allMatch(Comparison.Outcome::equal);
      assertThat(outcomes)
          .filteredOn(outcome -> outcome.name().equals("silver.sales"))
          .singleElement()
          .satisfies(sales -> assertThat(sales.lakeRows()).isGreaterThan(10_000));
    }
  }

  /** The retailer's months when they are there, else a simulated shop. */
  private static ShopLoad load() {
    if (Files.isDirectory(DATASET)) {
      return new RetailReplay(DATASET, RetailReplay.Options.recorded());
    }
    System.out.println(DATASET + " is absent: a simulated shop takes the retail data's place");
    return new ShopSimulator(1);
  }

  private static void seed(ShopLoad load, String source) throws SQLException {
    Shop.createTables(source);
    if (load instanceof ShopSimulator simulator) {
      simulator.open(source);
    }
    run(load, source, Pace.flatOut(), () -> reached(load, SEEDED));
    try (var connection = DriverManager.getConnection(source);
        var statement = connection.createStatement()) {
      statement.execute(ShopComparisons.BEGIN_COUNT);
    }
  }

  private static void run(ShopLoad load, String source, Pace pace, BooleanSupplier stop) {
    try {
      load.run(source, pace, stop);
    } catch (SQLException e) {
      throw new CompletionException("the load's database failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CompletionException("the load was interrupted", e);
    }
  }

  private static boolean reached(ShopLoad load, long changes) {
    return load.progress().changes() >= changes;
  }
}

package io.millrace.system.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.local.LocalStack;
import io.millrace.local.StackSettings;
import io.millrace.local.lake.LakeQuery;
import io.millrace.local.lake.Reconciler;
import io.millrace.local.lake.TableComparison;
import io.millrace.local.letters.Place;
import io.millrace.local.shop.Shop;
import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.PipelineFile;
import io.millrace.system.watch.MetricsPage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.InvalidRecordException;
import org.assertj.core.api.AbstractLongAssert;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged records over all topics of a whole pipeline, good ones between them. Each is
 * dead-lettered by a stage or taken in, once; no stage stops; afterwards the rows are what SQL
 * says.
 */
final class FuzzIT {
  private static final long RECORDS = Long.getLong("millrace.fuzz.records", 4_000);
  private static final long SEED = Long.getLong("millrace.fuzz.seed", 7);
  private static final Duration PATIENCE = Duration.ofMinutes(30);
  private static final int QUIET_POLLS = 4;

  /**
   * What a stage logs when the broker aborted its transaction, as it may after a standstill: what
   * the transaction had read is read, and counted, again.
   */
  private static final String BEGUN_AGAIN = "Detected that the thread is being fenced";

  private static final List<String> STAGES =
      List.of("enrichment-service", "aggregation-service", "sink-service");

  /** Their rows stay, as what only grows does. */
  private static final List<String> APPENDED = List.of("bronze.", "silver.page_views");

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  @Test
  void everyRecordIsDeadLetteredOrTakenInAndNoneStopsAStage() throws Exception {
    // given
    Path file = Shop.writePipelineFile(directory.resolve("pipeline.yaml"));
    StackSettings settings =
        new StackSettings(directory.resolve("run"), file).withSeed(FuzzIT::seed);
    List<String> deaths = new CopyOnWriteArrayList<>();
    try (LocalStack stack = new LocalStack(settings)) {
      stack.onDeath((process, obituary) -> deaths.add(obituary));
      stack.start();
      PipelineFile pipeline = stack.pipeline();
      awaitEqual(pipeline, deaths);
      Fuzz fuzz = new Fuzz(pipeline.kafka(), topics(pipeline), SEED);

      for (String topic : topics(pipeline)) {
        assertThatThrownBy(() -> fuzz.sendWithoutKey(topic))
            .hasCauseInstanceOf(InvalidRecordException.class);
      }

      // when
      fuzz.run(RECORDS);
      awaitQuiet(stack, deaths);
      touch(stack.source().url());

      // then
      awaitEqual(pipeline, deaths);
      awaitQuiet(stack, deaths);
      assertThat(deaths).isEmpty();
      Letters letters = Letters.read(pipeline);
      assertThat(letters.twice()).isEmpty();
      assertCounts(stack, pipeline, fuzz, letters);
      assertMetricsPage(stack);
      System.out.printf(
          "%d records with seed %d: %s; %d rows failed an expression%n",
          RECORDS, SEED, fuzz.counts(), letters.ofViews());
    }
  }

  private static void seed(String url) throws SQLException {
    Shop.createTables(url);
    execute(
        url,
        """
        INSERT INTO customers SELECT i, chr(65 + i % 20) || 'ü', 'c' || i || '@example.org', now()
          FROM generate_series(1, 60) i;
        INSERT INTO products SELECT 'p' || i, 'product ' || i, 'category ' || i % 5, i * 1.25
          FROM generate_series(1, 40) i;
        INSERT INTO orders SELECT 'o' || i, 1 + i % 60, timestamptz '2026-01-01' + i * interval '1 minute', 'paid'
          FROM generate_series(1, 120) i;
        INSERT INTO order_lines SELECT 'o' || 1 + i % 120, i, 'p' || 1 + i % 40, 1 + i % 9, i * 0.5
          FROM generate_series(1, 300) i;
        INSERT INTO page_views SELECT i, i % 60, '/page/' || i, now() FROM generate_series(1, 100) i;
        """);
  }

  /** Every row changes, so that of every key something good comes last. */
  private static void touch(String url) throws SQLException {
    execute(
        url,
        """
        UPDATE customers SET customer_id = customer_id;
        UPDATE products SET product_id = product_id;
        UPDATE orders SET order_id = order_id;
        UPDATE order_lines SET line_no = line_no;
        """);
  }

  private static void execute(String url, String sql) throws SQLException {
    try (var connection = DriverManager.getConnection(url);
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<String> topics(PipelineFile pipeline) {
    return pipeline.lakeTables().stream().map(LakeTable::topic).distinct().sorted().toList();
  }

  private static void awaitEqual(PipelineFile pipeline, List<String> deaths)
      throws InterruptedException {
    Reconciler reconciler = Reconciler.of(pipeline);
    Awaitility.await()
        .atMost(PATIENCE)
        .failFast(() -> assertThat(deaths).isEmpty())
        .pollInterval(Duration.ofSeconds(2))
        .untilAsserted(
            () ->
                assertThat(reconciler.compare())
                    .filteredOn(table -> APPENDED.stream().noneMatch(table.table()::startsWith))
                    .hasSizeGreaterThan(5)
                    .allMatch(TableComparison::equal)
                    .allMatch(table -> table.lakeRows() > 0));
  }

  /** Every stage has read everything, also what the others made of it. */
  private static void awaitQuiet(LocalStack stack, List<String> deaths) {
    AtomicInteger quiet = new AtomicInteger();
    Awaitility.await()
        .atMost(PATIENCE)
        .failFast(() -> assertThat(deaths).isEmpty())
        .pollInterval(Duration.ofMillis(500))
        .until(
            () -> {
              double lag = 0;
              for (String stage : STAGES) {
                lag += StageCounters.lag(stack.address(stage));
              }
              return lag == 0 ? quiet.incrementAndGet() >= QUIET_POLLS : quiet.getAndSet(0) < 0;
            });
  }

  private static void assertCounts(
      LocalStack stack, PipelineFile pipeline, Fuzz fuzz, Letters letters) throws Exception {
    Map<String, Long> records = new TreeMap<>();
    Map<String, Long> withValue = new TreeMap<>();
    for (String topic : topics(pipeline)) {
      TopicRecords.read(
          pipeline.kafka(),
          topic,
          record -> {
            records.merge(topic, 1L, Long::sum);
            withValue.merge(topic, record.value() == null ? 0L : 1L, Long::sum);
            Place place = new Place(topic, record.partition(), record.offset());
            Long sum = letters.checksums().get(place);
            if (sum != null) {
              assertThat(TopicRecords.checksum(record.key(), record.value()))
                  .as("key and value of the letter about %s", place)
                  .isEqualTo(sum);
            }
          });
    }
    for (String service : STAGES) {
      String stage = service.equals("sink-service") ? service : service.replace("-service", "");
      Map<String, Long> in = StageCounters.recordsIn(stack.address(service));
      assertThat(in).isNotEmpty();
      boolean begunAgain = Files.readString(stack.log(service)).contains(BEGUN_AGAIN);
      in.forEach(
          (topic, taken) -> {
            long dead = letters.count(stage, topic);
            System.out.printf(
                "%s %s: %d + %d dead%s%n",
                stage, topic, taken, dead, begunAgain ? ", some taken in again" : "");
            AbstractLongAssert<?> count =
                assertThat(taken + dead)
                    .as("records of %s that %s took in or put aside", topic, stage);
            if (begunAgain) {
              count.isGreaterThanOrEqualTo(records.get(topic));
            } else {
              count.isEqualTo(records.get(topic));
            }
            assertThat(dead).isPositive();
          });
      fuzz.unreadable().entrySet().stream()
          .filter(entry -> in.containsKey(entry.getKey().topic()))
          .forEach(
              entry -> {
                Set<Long> missing = new HashSet<>(entry.getValue());
                missing.removeAll(letters.offsets(stage, entry.getKey()));
                assertThat(missing)
                    .as("records of %s without a letter of %s", entry.getKey(), stage)
                    .isEmpty();
              });
    }
    assertBronze(pipeline, letters, withValue);
  }

  /** By now every service has counted everything that it counts, dead letters too. */
  private static void assertMetricsPage(LocalStack stack) throws Exception {
    MetricsPage.of(Path.of(System.getProperty("millrace.home")))
        .assertTellsOf(
            Stream.concat(Stream.of("cdc-connector"), STAGES.stream())
                .collect(Collectors.toMap(service -> service, stack::address)));
  }

  /** What only grows holds every record that the sink took in. */
  private static void assertBronze(
      PipelineFile pipeline, Letters letters, Map<String, Long> withValue) {
    for (LakeTable table : pipeline.lakeTables()) {
      if (APPENDED.stream().anyMatch(table.identifier()::startsWith)) {
        long expected =
            withValue.getOrDefault(table.topic(), 0L)
                - letters.countWithValue("sink-service", table.topic());
        new LakeQuery(pipeline)
            .run(
                "SELECT count(*) FROM " + table.identifier(),
                rows -> {
                  rows.next();
                  assertThat(rows.getLong(1))
                      .as("rows of %s", table.identifier())
                      .isEqualTo(expected);
                });
      }
    }
  }
}

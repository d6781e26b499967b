package io.millrace.enrichment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.TopicAdmin;
import io.millrace.runtime.serde.HttpSchemaRegistry;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.runtime.testing.KafkaBroker;
import io.millrace.runtime.testing.RegistryProcess;
import io.millrace.runtime.testing.ServiceProcess;
import io.millrace.runtime.testing.TestPipeline;
import io.millrace.runtime.testing.TestTable;
import io.millrace.runtime.testing.TestTopicClient;
import io.millrace.runtime.testing.TopicCompaction;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service as a process, on a real broker and registry. */
final class EnrichmentServiceIT {
  private static final int CHANGES = 500;

  /** The first by name: were its place not held, the others would be renumbered without it. */
  private static final String COUNTRIES =
      "SELECT c.customer_id, c.country FROM customers c WHERE c.country = 'nl'";

  private static final String LATE_BULK = ShopModel.BULK.replace("names", "late_names");

  @TempDir private static Path directory;

  private static KafkaBroker broker;
  private static RegistryProcess registryProcess;

  @BeforeAll
  static void start() {
    broker = KafkaBroker.start(directory.resolve("broker"), TopicCompaction.BROKER);
    registryProcess = RegistryProcess.start(directory.resolve("registry"));
  }

  @AfterAll
  static void stop() {
    registryProcess.close();
    broker.close();
  }

  private static PipelineFile write(TestPipeline pipeline) {
    return pipeline.on(broker, registryProcess, 2).write(directory);
  }

  private static PipelineFile firstFile() {
    return write(
        Shop.pipeline()
            .enrich("countries", COUNTRIES)
            .enrich("sales", Shop.SALES)
            .enrich("names", ShopModel.NAMES));
  }

  /** One view is gone; of the new ones one is over a view that is new and one that is not. */
  private static PipelineFile laterFile() {
    return write(
        Shop.pipeline()
            .enrich("late_sales", Shop.SALES)
            .enrich("late_names", ShopModel.NAMES)
            .enrich("late_bulk", LATE_BULK)
            .enrich("sales", Shop.SALES)
            .enrich("names", ShopModel.NAMES));
  }

  @Test
  void viewsEqualTheirSqlAlsoThoseThatComeLater() throws Exception {
    // given a service that waits for its source
    PipelineFile pipeline = firstFile();
    SchemaRegistry registry = new HttpSchemaRegistry(pipeline.registry());
    ShopModel model = new ShopModel(42, 60);
    try (ServiceProcess service =
            ServiceProcess.start(
                EnrichmentService.class, pipeline.path(), directory.resolve("service"));
        TestTopicClient client = new TestTopicClient(pipeline, registry)) {
      Source source = new Source(pipeline, registry, client);

      // when it is killed in the middle of changes
      change(model, source);
      service.awaitReady();
      change(model, source);
      service.kill();
      change(model, source);
      service.restart();
      client.flush();

      // then
      awaitRows(client, Map.of("sales", model.sales(), "names", model.names()));

      // when views are new over topics of which compaction left the least that it may leave, and
      // the service is killed as soon as they begin
      service.kill();
      compact(pipeline, source);
      laterFile();
      service.restart();
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> service.logged().contains("shop.enrichment-2 runs views"));
      service.kill();
      change(model, source);
      service.restart();
      service.awaitReady();
      change(model, source);
      client.flush();

      // then
      awaitRows(
          client,
          Map.of(
              "sales",
              model.sales(),
              "names",
              model.names(),
              "late_sales",
              model.sales(),
              "late_names",
              model.names(),
              "late_bulk",
              model.bulk()));
      assertThat(model.sales()).hasSizeGreaterThan(20);
      assertThat(model.bulk()).isNotEmpty();
    }
    refusesAnotherSqlAndAViewThatComesBack();
  }

  /**
   * The left rows of the second join subscribed to their right rows when their column was narrow.
   */
  @Test
  void aViewOfSeveralJoinsStaysTrueWhenAColumnOfItBecomesWider() {
    // given
    PipelineFile pipeline =
        new TestPipeline("wide")
            .table("a")
            .table("b")
            .table("c")
            .enrich(
                "abc",
                "SELECT a.id, b.n, c.x FROM a LEFT JOIN b ON a.b_id = b.id"
                    + " LEFT JOIN c ON a.c_id = c.id")
            .on(broker, registryProcess, 1)
            .write(directory);
    SchemaRegistry registry = new HttpSchemaRegistry(pipeline.registry());
    try (TopicAdmin admin = new TopicAdmin(pipeline)) {
      List.of("a", "b", "c")
          .forEach(table -> admin.ensureCompacted(pipeline.topicNames().changes(table)));
    }
    TestTable a = new TestTable(registry, "wide", "a", 1, "id int", "b_id int?", "c_id int?");
    TestTable b = new TestTable(registry, "wide", "b", 1, "id int", "n int");
    TestTable c = new TestTable(registry, "wide", "c", 1, "id int", "x string");
    try (TestTopicClient client = new TestTopicClient(pipeline, registry);
        ServiceProcess service =
            ServiceProcess.start(
                EnrichmentService.class, pipeline.path(), directory.resolve("wide"))) {
      client.send(a.topic(), a.key(1), a.upsert(1, 1, null, 7));
      client.send(b.topic(), b.key(5), b.upsert(2, 5, 50));
      client.send(c.topic(), c.key(7), c.upsert(3, 7, "old"));
      service.awaitReady();
      awaitValues(client, 1, null, "old");

      // when
      TestTable wide = new TestTable(registry, "wide", "b", 1, "id int", "n long");
      client.send(wide.topic(), wide.key(5), wide.upsert(4, 5, 5_000_000_000L));
      client.flush();
      assertThat(service.awaitExit()).isEqualTo(1);
      service.restart();
      client.send(c.topic(), c.key(7), c.upsert(5, 7, "new"));

      // then
      awaitValues(client, 1, null, "new");

      // when
      client.send(a.topic(), a.key(1), a.upsert(6, 1, 5, 7));

      // then
      awaitValues(client, 1, 5_000_000_000L, "new");
    }
  }

  private static void awaitValues(TestTopicClient client, @Nullable Object... values) {
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(
            () ->
                assertThat(client.rows("wide.view.abc"))
                    .singleElement()
                    .satisfies(
                        row -> assertThat(row.subList(0, values.length)).containsExactly(values)));
  }

  private static void change(ShopModel model, Source source) {
    for (int i = 0; i < CHANGES; i++) {
      model.change(source);
    }
  }

  private static void awaitRows(
      TestTopicClient client, Map<String, List<List<@Nullable Object>>> expected) {
    expected.forEach(
        (view, rows) ->
            await()
                .atMost(Duration.ofMinutes(3))
                .untilAsserted(
                    () ->
                        assertThat(client.rows("shop.view." + view))
                            .as(view)
                            .containsExactlyInAnyOrderElementsOf(rows)));
  }

  /** Pokes with rows that come and go unseen, and that no view has. */
  private static void compact(PipelineFile pipeline, Source source) {
    new TopicCompaction(pipeline)
        .run(
            source.tables.values().stream().map(TestTable::topic).toList(),
            () -> {
              for (int i = 0; i < 8; i++) {
                source.come(i);
                source.go(i);
              }
              source.client.flush();
            });
  }

  private static void refusesAnotherSqlAndAViewThatComesBack() {
    // given
    PipelineFile changed =
        write(
            Shop.pipeline()
                .enrich("countries", COUNTRIES)
                .enrich("sales", Shop.SALES.replace("cancelled", "returned"))
                .enrich("names", ShopModel.NAMES));

    // when
    try (ServiceProcess service =
        ServiceProcess.start(
            EnrichmentService.class, changed.path(), directory.resolve("changed"))) {
      // then
      assertThat(service.awaitExit()).isEqualTo(1);
      assertThat(service.logged())
          .contains("view 'countries' was taken away and comes back")
          .contains("the SQL of view 'sales' changed")
          .contains("give the view a new name");
    }
  }

  /** What cdc-connector would do: topics, schemas, change events. */
  private static final class Source implements ShopModel.Tables {
    private final Map<String, TestTable> tables = new HashMap<>();
    private final TestTopicClient client;
    private long sequence;

    Source(PipelineFile pipeline, SchemaRegistry registry, TestTopicClient client) {
      this.client = client;
      try (TopicAdmin admin = new TopicAdmin(pipeline)) {
        pipeline
            .source()
            .tables()
            .keySet()
            .forEach(table -> admin.ensureCompacted(pipeline.topicNames().changes(table)));
      }
      Shop.tables(registry).forEach(table -> tables.put(table.name(), table));
    }

    private TestTable table(String name) {
      return Objects.requireNonNull(tables.get(name));
    }

    @Override
    public void put(String table, @Nullable Object... row) {
      TestTable to = table(table);
      client.send(to.topic(), to.key(row), to.upsert(++sequence, row));
    }

    @Override
    public void delete(String table, @Nullable Object... key) {
      TestTable to = table(table);
      client.send(to.topic(), to.key(key), to.delete(++sequence, key));
      client.send(to.topic(), to.key(key), null);
    }

    /** Rows outside of the model, in every partition. */
    void come(int number) {
      String id = "z".repeat(number + 3);
      put("customers", -1L - number, "xx", "x");
      put("products", id, "x");
      put("orders", id, null, 0L, "paid");
      put("order_lines", id, 0, id, 1, new BigDecimal("1.25"));
    }

    void go(int number) {
      String id = "z".repeat(number + 3);
      delete("customers", -1L - number);
      delete("products", id);
      delete("orders", id);
      delete("order_lines", id, 0);
    }
  }
}

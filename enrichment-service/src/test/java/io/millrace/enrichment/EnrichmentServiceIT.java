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
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service as a process, on a real broker and registry. */
final class EnrichmentServiceIT {
  private static final int ROUNDS = 3;
  private static final int CHANGES = 1000;

  @TempDir private static Path directory;

  @Test
  void viewsEqualTheirSqlAfterKills() throws Exception {
    try (KafkaBroker broker = KafkaBroker.start(directory.resolve("broker"));
        RegistryProcess registryProcess = RegistryProcess.start(directory.resolve("registry"))) {
      PipelineFile pipeline =
          Shop.pipeline()
              .enrich("sales", Shop.SALES)
              .enrich("names", ShopModel.NAMES)
              .enrich("bulk", ShopModel.BULK)
              .on(broker, registryProcess, 2)
              .write(directory);
      survivesKills(pipeline);
      refusesAnotherSql(broker, registryProcess);
    }
  }

  private static void survivesKills(PipelineFile pipeline) {
    // given a service that waits for its source
    SchemaRegistry registry = new HttpSchemaRegistry(pipeline.registry());
    try (ServiceProcess service =
            ServiceProcess.start(
                EnrichmentService.class, pipeline.path(), directory.resolve("service"));
        TestTopicClient client = new TestTopicClient(pipeline, registry);
        Source source = new Source(pipeline, registry, client)) {
      ShopModel model = new ShopModel(42, 60);

      // when it is killed and restarted in the middle of changes
      for (int round = 0; round < ROUNDS; round++) {
        change(model, source, CHANGES / 2);
        if (round > 0) {
          service.restart();
        }
        service.awaitReady();
        change(model, source, CHANGES / 2);
        if (round < ROUNDS - 1) {
          service.kill();
        }
      }
      client.flush();

      // then
      Map<String, List<List<@Nullable Object>>> expected =
          Map.of("sales", model.sales(), "names", model.names(), "bulk", model.bulk());
      expected.forEach(
          (view, rows) ->
              await()
                  .atMost(Duration.ofMinutes(3))
                  .untilAsserted(
                      () ->
                          assertThat(client.rows("shop.view." + view))
                              .as(view)
                              .containsExactlyInAnyOrderElementsOf(rows)));
      assertThat(model.sales()).hasSizeGreaterThan(20);
    }
  }

  private static void change(ShopModel model, Source source, int changes) {
    for (int i = 0; i < changes; i++) {
      model.change(source);
    }
  }

  private static void refusesAnotherSql(KafkaBroker broker, RegistryProcess registryProcess) {
    // given
    PipelineFile changed =
        new TestPipeline("shop")
            .table("customers")
            .table("products")
            .table("orders")
            .table("order_lines")
            .enrich("sales", Shop.SALES.replace("cancelled", "returned"))
            .enrich("names", ShopModel.NAMES)
            .on(broker, registryProcess, 2)
            .write(directory);

    // when
    try (ServiceProcess service =
        ServiceProcess.start(
            EnrichmentService.class, changed.path(), directory.resolve("changed"))) {
      // then
      assertThat(service.awaitExit()).isEqualTo(1);
      assertThat(service.logged())
          .contains("the SQL of view 'sales' changed since shop.enrichment last ran");
    }
  }

  /** What cdc-connector would do: topics, schemas, change events. */
  private static final class Source implements ShopModel.Tables, AutoCloseable {
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

    @Override
    public void close() {
      client.flush();
    }
  }
}

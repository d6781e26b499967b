package io.millrace.aggregation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.plan.ViewPlan;
import io.millrace.pipeline.plan.ViewPlanner;
import io.millrace.runtime.TopicAdmin;
import io.millrace.runtime.serde.HttpSchemaRegistry;
import io.millrace.runtime.serde.RowSerde;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.runtime.testing.KafkaBroker;
import io.millrace.runtime.testing.RegistryProcess;
import io.millrace.runtime.testing.ServiceProcess;
import io.millrace.runtime.testing.TestTable;
import io.millrace.runtime.testing.TestTopicClient;
import io.millrace.schemas.Row;
import io.millrace.schemas.SourceMetadata;
import io.millrace.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service as a process, on a real broker and registry. */
final class AggregationServiceIT {
  private static final int ROUNDS = 3;
  private static final int CHANGES = 1000;

  @TempDir private static Path directory;

  @Test
  void aggregatesEqualTheirSqlAlsoThoseThatComeLater() throws Exception {
    try (KafkaBroker broker = KafkaBroker.start(directory.resolve("broker"));
        RegistryProcess registryProcess = RegistryProcess.start(directory.resolve("registry"))) {
      // given a service that waits for its source
      PipelineFile pipeline =
          Sales.pipeline()
              .aggregate("per_country", SalesModel.PER_COUNTRY)
              .aggregate("revenue_per_minute", Sales.REVENUE_PER_MINUTE)
              .on(broker, registryProcess, 2)
              .write(directory);
      SchemaRegistry registry = new HttpSchemaRegistry(pipeline.registry());
      try (ServiceProcess service =
              ServiceProcess.start(
                  AggregationService.class, pipeline.path(), directory.resolve("service"));
          TestTopicClient client = new TestTopicClient(pipeline, registry)) {
        Upstream upstream = new Upstream(pipeline, registry, client);
        SalesModel model = new SalesModel(42, 200);

        // when it is killed and restarted in the middle of changes, at last with a file of which
        // the first aggregate is gone and two are new
        for (int round = 0; round < ROUNDS; round++) {
          change(model, upstream, CHANGES / 2);
          if (round == ROUNDS - 1) {
            Sales.pipeline()
                .aggregate("late_country", SalesModel.PER_COUNTRY)
                .aggregate("late_minute", Sales.REVENUE_PER_MINUTE)
                .aggregate("revenue_per_minute", Sales.REVENUE_PER_MINUTE)
                .on(broker, registryProcess, 2)
                .write(directory);
          }
          if (round > 0) {
            service.restart();
          }
          service.awaitReady();
          change(model, upstream, CHANGES / 2);
          if (round < ROUNDS - 1) {
            service.kill();
          }
        }
        client.flush();

        // then
        for (String view : List.of("revenue_per_minute", "late_minute")) {
          await()
              .atMost(Duration.ofMinutes(3))
              .untilAsserted(
                  () ->
                      assertThat(client.rows("shop.agg." + view))
                          .as(view)
                          .containsExactlyInAnyOrderElementsOf(model.revenuePerMinute()));
        }
        await()
            .atMost(Duration.ofMinutes(3))
            .untilAsserted(
                () -> {
                  List<List<@Nullable Object>> rows = client.rows("shop.agg.late_country");
                  rows.forEach(row -> row.set(5, SalesModel.toCents(row.get(5))));
                  assertThat(rows).containsExactlyInAnyOrderElementsOf(model.perCountry());
                });
      }
    }
  }

  private static void change(SalesModel model, Upstream upstream, int changes) {
    for (int i = 0; i < changes; i++) {
      model.change(upstream);
    }
  }

  /** What cdc-connector and enrichment-service would do: topics, schemas, records. */
  private static final class Upstream implements SalesModel.Inputs {
    private final TestTopicClient client;
    private final TestTable lines;
    private final ViewPlan sales;
    private final String topic;
    private final RowSerde keys;
    private final RowSerde rows;
    private long sequence;

    Upstream(PipelineFile pipeline, SchemaRegistry registry, TestTopicClient client) {
      this.client = client;
      try (TopicAdmin admin = new TopicAdmin(pipeline)) {
        admin.ensureCompacted(pipeline.topicNames().changes("lines"));
        admin.ensureCompacted(pipeline.topicNames().view("sales"));
      }
      this.lines = Sales.lines(registry);
      this.sales =
          Objects.requireNonNull(
              ViewPlanner.plan(pipeline, Map.of("lines", lines.relation())).views().get("sales"));
      this.topic = pipeline.topicNames().view("sales");
      this.keys = new RowSerde(registry, Topics.keySubject(topic), sales.output().key());
      this.rows = new RowSerde(registry, Topics.valueSubject(topic), sales.output().row());
    }

    @Override
    public void putLine(@Nullable Object... row) {
      client.send(lines.topic(), lines.key(row), lines.upsert(++sequence, row));
    }

    @Override
    public void deleteLine(long id) {
      client.send(lines.topic(), lines.key(id), lines.delete(++sequence, id));
      client.send(lines.topic(), lines.key(id), null);
    }

    @Override
    public void putSale(@Nullable Object... row) {
      @Nullable Object[] values = Arrays.copyOf(row, row.length + 2);
      values[row.length] = ++sequence * 1_000_000;
      values[row.length + 1] = SourceMetadata.postgresPosition(sequence, 0);
      byte[] value = rows.serializer().serialize(topic, new Row(sales.output().row(), values));
      client.send(topic, key((Long) Objects.requireNonNull(row[0])), value);
    }

    @Override
    public void deleteSale(long id) {
      client.send(topic, key(id), null);
    }

    private byte[] key(long id) {
      return keys.serializer()
          .serialize(topic, new Row(sales.output().key(), new @Nullable Object[] {id}));
    }
  }
}

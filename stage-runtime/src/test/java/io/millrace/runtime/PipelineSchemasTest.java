package io.millrace.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.plan.Relation;
import io.millrace.runtime.serde.RegistryUnavailableException;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import io.millrace.schemas.ChangeEvent;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.Test;

final class PipelineSchemasTest {
  private final PipelineFile pipeline =
      Pipelines.pipeline("localhost:9092", "http://localhost:1", 1, "orders", "lines");
  private final LocalSchemaRegistry registry = new LocalSchemaRegistry();

  @Test
  void readsEveryTableAsARelationWithTheMetadataLast() throws Exception {
    // given
    register("lines");
    register("orders");

    // when
    Map<String, Relation> tables = new PipelineSchemas(pipeline, registry).sourceTables();

    // then
    assertThat(tables.keySet()).containsExactly("orders", "lines");
    Relation orders = Objects.requireNonNull(tables.get("orders"));
    assertThat(orders.kind()).isEqualTo(Relation.Kind.SOURCE_TABLE);
    assertThat(orders.row().getFullName()).isEqualTo("io.millrace.shop.orders");
    assertThat(orders.row().getFields())
        .extracting(Schema.Field::name)
        .containsExactly("id", "note", "_source_ts", "_source_pos");
    assertThat(orders.key().getFields()).extracting(Schema.Field::name).containsExactly("id");
  }

  @Test
  void waitsForTheLastTable() throws Exception {
    // given
    register("orders");
    CompletableFuture<Map<String, Relation>> tables = inBackground(registry);

    // when
    register("lines");

    // then
    await().until(tables::isDone);
    assertThat(tables.get().keySet()).containsExactly("orders", "lines");
  }

  @Test
  void waitsForARegistryThatIsNotThereYet() throws Exception {
    // given
    register("orders");
    register("lines");
    AtomicInteger asked = new AtomicInteger();
    SchemaRegistry late =
        new SchemaRegistry() {
          @Override
          public int register(String subject, Schema schema) {
            return registry.register(subject, schema);
          }

          @Override
          public Schema schema(int id) {
            return registry.schema(id);
          }

          @Override
          public Optional<Schema> latest(String subject) {
            if (asked.incrementAndGet() < 3) {
              throw new RegistryUnavailableException("the registry is away", null);
            }
            return registry.latest(subject);
          }
        };

    // when
    Map<String, Relation> tables = new PipelineSchemas(pipeline, late).sourceTables();

    // then
    assertThat(tables).hasSize(2);
  }

  @Test
  void stopsWaitingWhenInterrupted() {
    // given
    Thread.currentThread().interrupt();

    // when / then
    assertThatThrownBy(() -> new PipelineSchemas(pipeline, registry).sourceTables())
        .isInstanceOf(InterruptedException.class);
  }

  private CompletableFuture<Map<String, Relation>> inBackground(SchemaRegistry from) {
    CompletableFuture<Map<String, Relation>> tables = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                tables.complete(new PipelineSchemas(pipeline, from).sourceTables());
              } catch (InterruptedException e) {
                tables.completeExceptionally(e);
              }
            });
    return tables;
  }

  private void register(String table) {
    Schema row =
        SchemaBuilder.record(table)
            .namespace("io.millrace.shop")
            .fields()
            .requiredInt("id")
            .optionalString("note")
            .endRecord();
    Schema key =
        SchemaBuilder.record(table + "_key")
            .namespace("io.millrace.shop")
            .fields()
            .requiredInt("id")
            .endRecord();
    registry.register("shop.cdc." + table + "-key", key);
    registry.register("shop.cdc." + table + "-value", ChangeEvent.schema(row));
  }
}

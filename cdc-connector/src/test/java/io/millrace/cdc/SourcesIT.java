package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.pipeline.FilePosition;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.SlotLimit;
import io.millrace.pipeline.Source;
import io.millrace.pipeline.SourceTable;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two databases of one server in one pipeline, each with a connector of its own. */
@ExtendWith(Servers.Extension.class)
class SourcesIT {
  private final Servers servers;
  private final String name;
  private final Database shop;
  private final Database billing;
  private final LocalSchemaRegistry registry = new LocalSchemaRegistry();

  SourcesIT(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
    this.shop = Database.create(servers, name + "_shop");
    this.billing = Database.create(servers, name + "_billing");
  }

  @AfterEach
  void close() throws Exception {
    shop.close();
    billing.close();
  }

  private PipelineFile file() {
    PipelineFile one = RunningConnector.file(servers, shop, name, Map.of());
    return new PipelineFile(
        one.path(),
        name,
        one.kafka(),
        one.registry(),
        one.topics(),
        one.streams(),
        List.of(source("shop", shop, "orders"), source("billing", billing, "invoices")),
        one.enrich(),
        one.aggregate(),
        one.lake());
  }

  private static Source source(String name, Database database, String table) {
    return new Source(
        name,
        "postgresql",
        database.config(),
        Map.of(table, new SourceTable(table, "public.item", false, new FilePosition(1, 1))),
        SlotLimit.DEFAULT);
  }

  private RunningConnector connector(String source) throws InterruptedException {
    return new RunningConnector(servers, file().capturing(source), registry).streaming();
  }

  @Test
  void eachGoesOnFromItsOwnOffset() throws Exception {
    // given
    for (Database database : List.of(shop, billing)) {
      database.run("CREATE TABLE item (id int PRIMARY KEY)");
      database.run("ALTER TABLE item REPLICA IDENTITY FULL");
      database.run("INSERT INTO item VALUES (1)");
    }

    // when: one is started again and again while the other goes on
    try (RunningConnector _ = connector("billing")) {
      for (int id = 2; id <= 3; id++) {
        try (RunningConnector _ = connector("shop")) {
          shop.run("INSERT INTO item VALUES (%d)".formatted(id));
          billing.run("INSERT INTO item VALUES (%d)".formatted(id));
          assertCreatedOnce("orders", id);
          assertCreatedOnce("invoices", id);
        }
      }
    }

    // then: also the one that ran throughout
    try (RunningConnector _ = connector("billing")) {
      billing.run("INSERT INTO item VALUES (4)");
      assertCreatedOnce("invoices", 4);
    }
    assertThat(
            shop.text(
                "SELECT count(*) FROM pg_replication_slots WHERE slot_name LIKE 'millrace_"
                    + name
                    + "_%'"))
        .isEqualTo("2");
  }

  /** The rows 1 to {@code last} are in a table's topic, each as one change. */
  private void assertCreatedOnce(String table, int last) {
    try (Reader reader = new Reader(file().capturing("shop"), registry, name + ".cdc." + table)) {
      assertThat(
              reader
                  .changesUntil(change -> Integer.valueOf(last).equals(change.key().get(0)))
                  .stream()
                  .map(change -> change.key().get(0)))
          .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, last).boxed().toList());
    }
  }
}

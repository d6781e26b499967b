package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.StageStatus;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the connector needs goes away and comes back: it goes on by itself, and exactly. */
@ExtendWith(Servers.Extension.class)
@Servers.Alone
class OutagesIT {
  /** Small, so that an outage of seconds outlasts what a producer waits for. */
  static final Map<String, String> IMPATIENT =
      Map.of(
          "request.timeout.ms", "1000",
          "delivery.timeout.ms", "1500",
          "max.block.ms", "5000",
          "default.api.timeout.ms", "5000");

  private final LocalSchemaRegistry registry = new LocalSchemaRegistry();
  private final Servers servers;
  private final String name;
  private final Database database;

  OutagesIT(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
    this.database = Database.create(servers, name);
    database.run(
        """
        CREATE TABLE item (id int PRIMARY KEY, label text NOT NULL);
        ALTER TABLE item REPLICA IDENTITY FULL;
        """);
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  @Test
  void aDatabaseThatIsKilledIsWaitedFor() throws Exception {
    // given
    PipelineFile file = RunningConnector.file(servers, database, name, Map.of(), "item");
    try (RunningConnector connector = new RunningConnector(servers, file, registry).streaming()) {
      insert(1, 100);

      // when
      servers.killPostgres();

      // then
      connector.awaitStatus(StageStatus.State.DEGRADED, "cannot be reached");

      // when
      servers.startPostgres();
      database.reconnect();
      insert(101, 200);

      // then
      assertEachOnce(file, 200);
      connector.awaitStatus(StageStatus.State.SERVING, "streaming");
    }
  }

  @Test
  void aDatabaseThatIsAwayAtTheStartIsWaitedFor() throws Exception {
    // given
    PipelineFile file = RunningConnector.file(servers, database, name, Map.of(), "item");
    insert(1, 10);
    servers.killPostgres();
    try (RunningConnector connector = new RunningConnector(servers, file, registry)) {
      // when
      Thread starter = connector.starter();

      // then
      connector.awaitStatus(StageStatus.State.STARTING, "cannot be reached");

      // when
      servers.startPostgres();
      database.reconnect();
      starter.join();

      // then
      assertEachOnce(file, 10);
    }
  }

  @Test
  void aBrokerThatIsKilledInTheMidstOfATransactionIsWaitedFor() throws Exception {
    // given: what is read stays in one open transaction
    PipelineFile file =
        RunningConnector.withKafka(
            RunningConnector.file(
                servers,
                database,
                name,
                Map.of("millrace.transaction.grouping.ms", "3000"),
                "item"),
            IMPATIENT);
    try (RunningConnector connector = new RunningConnector(servers, file, registry).streaming()) {
      insert(1, 1000);
      await().atMost(Duration.ofMinutes(3)).until(() -> connector.changes("item") >= 1000);

      // when
      servers.broker().kill();
      insert(1001, 2000);

      // then
      connector.awaitStatus(StageStatus.State.DEGRADED, "Kafka");

      // when
      servers.broker().restart();
      insert(2001, 2100);

      // then
      assertEachOnce(file, 2100);
      connector.awaitStatus(StageStatus.State.SERVING, "streaming");
    }
  }

  private void insert(int first, int last) {
    database.run(
        "INSERT INTO item SELECT n, 'x' FROM generate_series(%d, %d) n".formatted(first, last));
  }

  private void assertEachOnce(PipelineFile file, int rows) {
    try (Reader reader = new Reader(file, registry, name + ".cdc.item")) {
      List<Reader.Change> changes = reader.changes(rows);
      assertThat(changes).hasSize(rows);
      assertThat(changes).extracting(change -> change.key().get(0)).doesNotHaveDuplicates();
      assertThat(changes).extracting(Reader.Change::position).doesNotHaveDuplicates();
    }
  }
}

package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.serde.HttpSchemaRegistry;
import io.millrace.runtime.testing.RegistryProcess;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Two packaged services of one pipeline, while the leader is killed, frozen and stopped. */
@ExtendWith(Servers.Extension.class)
class StandbyIT {
  private final Servers servers;
  private final String name;
  private final Database database;

  StandbyIT(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
    this.database = Database.create(servers, name);
    ItemLoad.createTable(database);
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  @Test
  void theStandbyTakesOverAndEveryChangeIsThereOnce(@TempDir Path directory) throws Exception {
    // given
    try (RegistryProcess apicurio = RegistryProcess.start(directory.resolve("registry"))) {
      PipelineFile file =
          RunningConnector.withRegistry(
              RunningConnector.file(servers, database, name, Map.of(), "item"), apicurio.url());
      try (ConnectorProcess first = ConnectorProcess.start(file, directory)) {
        first.awaitLogged("Streaming from");
        try (ConnectorProcess second = ConnectorProcess.start(file, directory)) {
          second.awaitLogged("Standing by");
          assertThat(second.post("/snapshots", "{}").statusCode()).isEqualTo(409);
          assertThat(first.post("/snapshots", "{\"table\": \"item\"}"))
              .satisfies(
                  refused -> {
                    assertThat(refused.statusCode()).isEqualTo(400);
                    assertThat(refused.body()).contains("unknown: table");
                  });
          ItemLoad load = new ItemLoad(database);
          load.awaitRows(1000);

          // when: the leader is killed
          first.kill();

          // then
          second.awaitLogged("Streaming from");
          load.awaitRows(1000);
          try (ConnectorProcess third = ConnectorProcess.start(file, directory)) {
            third.awaitLogged("Standing by");

            // when: the leader freezes, and wakes up when it has been replaced
            second.freeze();
            third.awaitLogged("Streaming from");
            load.awaitRows(1000);
            second.thaw();

            // then
            second.awaitLogged("Standing by");
            load.awaitRows(1000);

            // when: one transaction is larger than the connector's memory, and the leader stops
            load.bulk(100_000);
            assertThat(third.end(true)).isEqualTo(143);
            second.awaitLogged("Streaming from", 2);
            load.stop();
          }

          // then
          try (Reader reader =
              new Reader(file, new HttpSchemaRegistry(file.registry()), name + ".cdc.item")) {
            database.run("INSERT INTO item VALUES (-1, 'end', 0)");
            load.assertExactlyOnce(
                reader.changesUntil(change -> Integer.valueOf(-1).equals(change.key().get(0))));
          }
        }
      }
    }
  }
}

package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.serde.HttpSchemaRegistry;
import io.millrace.runtime.testing.RegistryProcess;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots over HTTP: what is accepted is done, by whoever leads. */
@ExtendWith(Servers.Extension.class)
class SnapshotRequestsIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Servers servers;
  private final String name;
  private final Database database;

  SnapshotRequestsIT(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
    this.database = Database.create(servers, name);
    database.run(
        """
        CREATE TABLE item (id int PRIMARY KEY, label text);
        ALTER TABLE item REPLICA IDENTITY FULL;
        INSERT INTO item SELECT n, 'x' FROM generate_series(1, 30000) n;
        CREATE SEQUENCE counter;
        """);
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  @Test
  void theSuccessorOfAKilledLeaderDoesWhatWasAskedFor(@TempDir Path directory) throws Exception {
    // given
    try (RegistryProcess apicurio = RegistryProcess.start(directory.resolve("registry"))) {
      PipelineFile file =
          RunningConnector.withRegistry(
              RunningConnector.file(
                  servers, database, name, Map.of("millrace.snapshot.transaction.ms", "1"), "item"),
              apicurio.url());
      try (ConnectorProcess first = ConnectorProcess.start(file, directory)) {
        first.awaitLogged("Streaming from");
        try (ConnectorProcess second = ConnectorProcess.start(file, directory)) {
          second.awaitLogged("Standing by");

          // when, then: what cannot be done is refused, and nothing is taken on
          assertRefused(first, "{tables", 400, "not JSON (line 1");
          assertRefused(first, "{\"tables\": [\"items\"]}", 400, "it has item");
          assertRefused(first, condition("id = 'x'"), 400, "invalid input syntax");
          assertRefused(first, condition("nothing > 1"), 400, "does not exist");
          assertRefused(first, condition("true) OR (true"), 400, "counterpart");
          assertRefused(second, "{\"tables\": [\"item\"]}", 409, "does not lead");
          assertThat(first.get("/snapshots", false).statusCode()).isEqualTo(401);
          assertThat(first.get("/snapshots", true).body()).contains("\"snapshots\":[]");
          assertThat(first.post("/snapshots/none/pause", "").statusCode()).isEqualTo(404);

          // when: the snapshot may not write, whatever the condition says
          String writes = taken(first, condition("nextval('counter') > 0"));
          awaitView(first, writes, view -> view.path("state").asText().equals("failed"));

          // then
          assertThat(database.text("SELECT is_called FROM counter")).isEqualTo("f");

          // when: the leader is killed in the midst of one, and again when it is paused
          database.run("ALTER TABLE item ALTER COLUMN label TYPE text USING upper(label)");
          String id = taken(first, "{\"tables\": [\"item\"]}");
          awaitView(first, id, view -> view.path("rows").asInt() >= 4000);
          first.kill();
          second.awaitLogged("Streaming from");
          awaitView(second, id, view -> view.path("rows").asInt() >= 8000);
          assertThat(second.post("/snapshots/" + id + "/pause", "").statusCode()).isEqualTo(200);
          second.kill();
        }
      }
      try (ConnectorProcess third = ConnectorProcess.start(file, directory);
          Reader reader =
              new Reader(file, new HttpSchemaRegistry(file.registry()), name + ".cdc.item")) {
        third.awaitLogged("Streaming from");
        awaitView(third, id(third), view -> view.path("state").asText().equals("paused"));
        assertThat(third.post("/snapshots/" + id(third) + "/resume", "").statusCode())
            .isEqualTo(200);

        // then
        awaitView(third, id(third), view -> view.path("state").asText().equals("done"));
        assertThat(reader.rows("id", "label")).isEqualTo(database.rows("item", "id", "label"));
        assertThat(reader.changes(1)).hasSize(60_000);
        assertThat(third.get("/prometheus", false).body())
            .contains("millrace_cdc_snapshots{state=\"done\"} 1.0")
            .contains("millrace_cdc_snapshot_read_rows{table=\"item\"} 0.0");
      }
    }
  }

  private static String condition(String sql) {
    return "{\"tables\": [\"item\"], \"condition\": \"%s\"}".formatted(sql);
  }

  private static void assertRefused(
      ConnectorProcess connector, String body, int status, String reason) throws Exception {
    HttpResponse<String> answer = connector.post("/snapshots", body);
    assertThat(answer.statusCode()).as(body).isEqualTo(status);
    assertThat(answer.body()).contains(reason);
  }

  private static String taken(ConnectorProcess connector, String body) throws Exception {
    HttpResponse<String> answer = connector.post("/snapshots", body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    return JSON.readTree(answer.body()).required("id").asText();
  }

  /** Of the snapshot that was asked for last. */
  private static String id(ConnectorProcess connector) throws Exception {
    JsonNode all = JSON.readTree(connector.get("/snapshots", true).body()).required("snapshots");
    return all.get(all.size() - 1).required("id").asText();
  }

  private static void awaitView(ConnectorProcess connector, String id, Predicate<JsonNode> wanted) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              HttpResponse<String> answer = connector.get("/snapshots", true);
              if (answer.statusCode() != 200) {
                return false;
              }
              for (JsonNode view : JSON.readTree(answer.body()).required("snapshots")) {
                if (view.required("id").asText().equals(id) && wanted.test(view)) {
                  return true;
                }
              }
              return false;
            });
  }
}

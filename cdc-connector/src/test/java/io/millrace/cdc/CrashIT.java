package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.serde.HttpSchemaRegistry;
import io.millrace.runtime.testing.RegistryProcess;
import io.millrace.schemas.Row;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The packaged service under kill -9, with a real registry. */
@ExtendWith(Servers.Extension.class)
class CrashIT {
  private static final int KILLS = 3;

  private final Servers servers;
  private final String name;
  private final Database database;

  /** Rows inserted into scratch; half of them are updated. */
  private final AtomicInteger scratched = new AtomicInteger();

  CrashIT(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
    this.database = Database.create(servers, name);
    ItemLoad.createTable(database);
    database.run(
        """
        CREATE TABLE scratch (id int PRIMARY KEY, version int NOT NULL);
        ALTER TABLE scratch REPLICA IDENTITY FULL;
        CREATE TABLE late (id int PRIMARY KEY, version int NOT NULL);
        ALTER TABLE late REPLICA IDENTITY FULL;
        INSERT INTO late SELECT n, 0 FROM generate_series(1, 40000) n;
        """);
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  @Test
  void carriesEveryChangeExactlyOnceThroughKills(@TempDir Path directory) throws Exception {
    // given
    try (RegistryProcess apicurio = RegistryProcess.start(directory.resolve("registry"))) {
      PipelineFile file = file(apicurio.url(), "item", "scratch");
      PipelineFile more = file(apicurio.url(), "item", "scratch", "late");
      ItemLoad load = new ItemLoad(database);

      // when: the first time in the snapshot, then while streaming, then in another snapshot
      for (int kill = 0; kill < KILLS; kill++) {
        try (ConnectorProcess connector =
            ConnectorProcess.start(kill == 2 ? more : file, directory)) {
          if (kill == 2) {
            awaitRowsOfLate(connector, more);
          } else if (kill == 0) {
            connector.awaitLogged("Snapshot begins");
          } else {
            connector.awaitLogged("Streaming from");
            if (kill == 1) {
              load.add("truncates", this::truncating);
              load.add("lates", this::changingLate);
            }
            load.awaitRows(2000 * kill);
          }
          connector.kill();
        }
      }
      load.stop();

      // then
      try (ConnectorProcess connector = ConnectorProcess.start(more, directory);
          Reader late =
              new Reader(file, new HttpSchemaRegistry(file.registry()), name + ".cdc.late");
          Reader reader =
              new Reader(file, new HttpSchemaRegistry(file.registry()), name + ".cdc.item");
          Reader scratch =
              new Reader(file, new HttpSchemaRegistry(file.registry()), name + ".cdc.scratch")) {
        connector.awaitLogged("Streaming from");
        database.run("INSERT INTO scratch VALUES (-1, 0); INSERT INTO item VALUES (-1, 'end', 0)");
        load.assertExactlyOnce(
            reader.changesUntil(change -> Integer.valueOf(-1).equals(change.key().get(0))));
        assertTruncated(
            scratch.changesUntil(change -> Integer.valueOf(-1).equals(change.key().get(0))));
        assertSnapshotExactlyOnce(late);
        assertThat(connector.end(true)).isEqualTo(143);
      }
    }
  }

  private PipelineFile file(String registry, String... tables) {
    return RunningConnector.withRegistry(
        RunningConnector.file(servers, database, name, Map.of(), tables), registry);
  }

  private void awaitRowsOfLate(ConnectorProcess connector, PipelineFile file) {
    connector.awaitLogged("Snapshot of table late begins");
    try (Reader late =
        new Reader(file, new HttpSchemaRegistry(file.registry()), name + ".cdc.late")) {
      late.changesUntil(change -> !change.isTombstone() && change.op().equals("r"));
    }
  }

  private void assertSnapshotExactlyOnce(Reader late) {
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () ->
                assertThat(late.rows("id", "version"))
                    .isEqualTo(database.rows("late", "id", "version")));
    List<Reader.Change> read =
        late.changes(40_000).stream().filter(change -> change.op().equals("r")).toList();
    assertThat(read).extracting(Reader.Change::key).doesNotHaveDuplicates();
    assertThat(read).hasSizeGreaterThan(20_000);
  }

  private void changingLate(Connection session, Random random) {
    Database.run(
        session,
        "UPDATE late SET version = version + 1 WHERE id %% 1000 = %d"
            .formatted(random.nextInt(1000)));
  }

  /** Every row is created, updated and deleted in turn, as often as the source did. */
  private void assertTruncated(List<Reader.Change> changes) {
    List<Reader.Change> events = changes.stream().filter(change -> !change.isTombstone()).toList();
    assertThat(events.stream().map(Reader.Change::position).distinct().count())
        .isEqualTo(events.size());
    Map<Object, Row> state = new HashMap<>();
    Map<Object, String> positions = new HashMap<>();
    for (Reader.Change change : changes) {
      Object id = Objects.requireNonNull(change.key().get(0));
      if (change.isTombstone()) {
        assertThat(state).doesNotContainKey(id);
        continue;
      }
      assertThat(
              positions.merge(
                  id,
                  change.position(),
                  (earlier, later) -> earlier.compareTo(later) < 0 ? later : earlier))
          .isEqualTo(change.position());
      Row before = change.op().equals("c") ? null : change.before();
      Row after = change.op().equals("d") ? null : change.after();
      assertThat(after == null ? state.remove(id) : state.put(id, after)).isEqualTo(before);
    }
    assertThat(state).hasSize(Integer.parseInt(database.text("SELECT count(*) FROM scratch")));
    assertThat(events.stream().filter(change -> change.op().equals("c")))
        .hasSize(scratched.get() + 1);
    assertThat(events.stream().filter(change -> change.op().equals("u")))
        .hasSize(scratched.get() / 2);
  }

  /** Empties the table before, within and after changes of it. */
  private void truncating(Connection session, Random random) {
    if (random.nextInt(10) > 0) {
      return;
    }
    int rows = 2 * (1 + random.nextInt(500));
    Database.run(
        session,
        """
        BEGIN;
        INSERT INTO scratch SELECT n, 0 FROM generate_series(1, %1$d) n;
        UPDATE scratch SET version = %1$d WHERE id %% 2 = 0;
        %2$s;
        TRUNCATE scratch;
        INSERT INTO scratch SELECT n, 1 FROM generate_series(1, %1$d) n;
        UPDATE scratch SET version = %1$d WHERE id %% 2 = 0;
        COMMIT;
        TRUNCATE scratch;
        """
            .formatted(rows, random.nextBoolean() ? "COMMIT; BEGIN" : "SELECT 1"));
    scratched.addAndGet(2 * rows);
  }
}

package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Servers.Extension.class)
class CaptureIT {
  private final LocalSchemaRegistry registry = new LocalSchemaRegistry();
  private final Servers servers;
  private final String name;
  private Database database;

  CaptureIT(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
    this.database = Database.create(servers, name);
  }

  @BeforeEach
  void createTable() {
    database.run(
        """
        CREATE TABLE item (id int PRIMARY KEY, label text NOT NULL, note text);
        ALTER TABLE item REPLICA IDENTITY FULL;
        """);
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  private PipelineFile file(String... tables) {
    return RunningConnector.file(servers, database, name, Map.of(), tables);
  }

  @Test
  void carriesTheSnapshotAndThenEveryChange() throws Exception {
    // given
    database.run("INSERT INTO item SELECT n, 'label ' || n FROM generate_series(1, 5) n");
    PipelineFile file = file("item");

    // when
    try (RunningConnector connector = new RunningConnector(servers, file, registry).streaming();
        Reader reader = new Reader(file, registry, name + ".cdc.item")) {
      assertThat(reader.changes(5)).extracting(Reader.Change::op).containsOnly("r");
      database.run("INSERT INTO item VALUES (6, 'six', 'new')");
      database.run("UPDATE item SET note = 'changed' WHERE id = 6");
      database.run("DELETE FROM item WHERE id = 6");

      // then
      List<Reader.Change> changes =
          reader.changes(9).stream()
              .filter(change -> Integer.valueOf(6).equals(change.key().get(0)))
              .toList();
      assertThat(changes.subList(0, 3))
          .extracting(Reader.Change::op)
          .containsExactly("c", "u", "d");
      assertThat(changes.get(0).after().values()).containsExactly(6, "six", "new");
      assertThat(changes.get(1).before().values()).containsExactly(6, "six", "new");
      assertThat(changes.get(1).after().values()).containsExactly(6, "six", "changed");
      assertThat(changes.get(2).before().values()).containsExactly(6, "six", "changed");
      assertThat(changes.get(3).isTombstone()).isTrue();
      assertThat(changes.subList(0, 3)).extracting(Reader.Change::position).isSorted();
      assertThat(connector.fatal()).isEmpty();
    }
  }

  @Test
  void goesOnWhereItStoppedWithoutRepeating() throws Exception {
    // given
    PipelineFile file = file("item");
    try (RunningConnector _ = new RunningConnector(servers, file, registry).streaming();
        Reader reader = new Reader(file, registry, name + ".cdc.item")) {
      database.run("INSERT INTO item SELECT n, 'x' FROM generate_series(1, 50) n");
      reader.changes(50);
    }
    database.run("INSERT INTO item SELECT n, 'y' FROM generate_series(51, 100) n");

    // when
    try (RunningConnector _ = new RunningConnector(servers, file, registry).streaming();
        Reader reader = new Reader(file, registry, name + ".cdc.item")) {
      database.run("INSERT INTO item VALUES (101, 'z')");

      // then
      List<Reader.Change> changes = reader.changes(101);
      assertThat(changes).hasSize(101);
      assertThat(new HashSet<>(changes.stream().map(Reader.Change::position).toList()))
          .hasSize(101);
    }
  }

  @Test
  void movesTheSlotOfAnIdleDatabase() throws Exception {
    // given
    PipelineFile file = file("item");
    try (RunningConnector _ = new RunningConnector(servers, file, registry).streaming()) {
      String confirmed =
          "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = 'millrace_%s'"
              .formatted(name);
      String before = database.text(confirmed);

      // when
      database.run("CREATE TABLE other AS SELECT n FROM generate_series(1, 1000) n");
      String written = database.text("SELECT pg_current_wal_insert_lsn()");

      // then
      await()
          .atMost(Duration.ofMinutes(3))
          .until(
              () ->
                  database
                      .text(
                          "SELECT '%s'::pg_lsn < '%s'::pg_lsn AND '%s'::pg_lsn <= (%s)"
                              .formatted(before, written, written, confirmed))
                      .equals("t"));
    }
  }
}

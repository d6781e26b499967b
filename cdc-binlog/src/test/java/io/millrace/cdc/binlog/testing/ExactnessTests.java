package io.millrace.cdc.binlog.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.cdc.Reader;
import io.millrace.cdc.RunningStage;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Transactions, definitions and restarts: every change once, in the order of the log. */
public abstract class ExactnessTests {
  private final LocalSchemaRegistry registry = new LocalSchemaRegistry();
  private final Servers servers;
  private final String name;

  protected ExactnessTests(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
    run(
        "CREATE TABLE item (id int PRIMARY KEY, label varchar(20))",
        "CREATE TABLE part (id int PRIMARY KEY, item int)",
        "INSERT INTO item VALUES (1, 'read')");
  }

  private void run(String... statements) {
    servers.database().runIn(name, statements);
  }

  @Test
  void goesOnThroughDefinitionsAndRestarts() throws Exception {
    // given
    PipelineFile file = servers.file(name, "item", "part");
    try (RunningStage connector = servers.connector(file, registry).streaming()) {
      run(
          "BEGIN",
          "INSERT INTO item VALUES (2, 'two')",
          "INSERT INTO part VALUES (1, 2)",
          "UPDATE item SET label = 'zwei' WHERE id = 2",
          "COMMIT",
          "BEGIN",
          "INSERT INTO item VALUES (99, 'undone')",
          "ROLLBACK",
          "CREATE TABLE other (a int, b geometry)",
          "ALTER TABLE item ADD COLUMN price decimal(10,2) DEFAULT 7",
          "INSERT INTO item VALUES (3, 'three', 3.50)",
          "UPDATE item SET id = 4 WHERE id = 3",
          "DELETE FROM item WHERE id = 2");
      awaitChanges(file, "item", 9);
      assertThat(connector.fatal()).isEmpty();
    }

    // when: what happens while it is down, definitions too, is read with the history of the table
    run(
        "INSERT INTO item VALUES (5, 'five', 5)",
        "ALTER TABLE item ADD COLUMN note text, MODIFY label varchar(40)",
        "INSERT INTO item VALUES (6, 'six', 6, 'noted')",
        "TRUNCATE TABLE part");
    try (RunningStage connector = servers.connector(file, registry).streaming();
        Reader items = new Reader(file, registry, name + ".cdc.item");
        Reader parts = new Reader(file, registry, name + ".cdc.part")) {
      run("INSERT INTO item VALUES (7, 'seven', 7, null)", "INSERT INTO part VALUES (2, 7)");

      // then
      List<Reader.Change> changes =
          items.changesUntil(change -> Objects.equals(change.key().get(0), 7)).stream().toList();
      assertThat(changes)
          .filteredOn(change -> !change.isTombstone() && !change.op().equals("r"))
          .extracting(change -> change.op() + change.key().get(0))
          .containsExactlyInAnyOrder("c2", "u2", "c3", "d3", "c4", "d2", "c5", "c6", "c7");
      assertThat(change(changes, "r", 1).after().get(1)).isEqualTo("read");
      assertThat(changes)
          .filteredOn(change -> !change.isTombstone())
          .extracting(Reader.Change::position)
          .doesNotHaveDuplicates();
      Reader.Change six = change(changes, "c", 6);
      assertThat(six.after().get(3)).isEqualTo("noted");
      assertThat(change(changes, "c", 4).after().get(2)).hasToString("3.50");
      assertThat(
              parts.changesUntil(change -> Objects.equals(change.key().get(0), 2)).stream()
                  .filter(change -> !change.isTombstone())
                  .map(change -> change.op() + change.key().get(0)))
          .containsExactlyInAnyOrder("c1", "d1", "c2");
      assertThat(connector.fatal()).isEmpty();
    }
  }

  private void awaitChanges(PipelineFile file, String table, int count) {
    try (Reader reader = new Reader(file, registry, name + ".cdc." + table)) {
      reader.records(count);
    }
  }

  private static Reader.Change change(List<Reader.Change> changes, String op, int id) {
    return changes.stream()
        .filter(change -> !change.isTombstone())
        .filter(change -> change.op().equals(op) && Objects.equals(change.key().get(0), id))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aLogThatDoesNotGoOnIsAGapThatASnapshotOfAllCloses() throws Exception {
    try (DatabaseServer own = servers.kind().start("--server-id=7")) {
      // given
      own.run("CREATE DATABASE " + name);
      own.runIn(
          name,
          "CREATE TABLE item (id int PRIMARY KEY, label varchar(20))",
          "INSERT INTO item VALUES (1, 'one')");
      PipelineFile file = servers.file(name, own, Map.of(), Map.of(), "item");
      try (RunningStage connector = servers.connector(file, registry).streaming()) {
        assertThat(connector.fatal()).isEmpty();
      }

      // when: the log is purged, and nothing that was not read is in what is gone
      own.run("FLUSH BINARY LOGS");
      purge(own);

      // then
      try (RunningStage connector = servers.connector(file, registry).start()) {
        assertThat(connector.fatal()).isEmpty();
      }

      // when: with something in it
      own.runIn(
          name,
          "INSERT INTO item VALUES (2, 'two')",
          "ALTER TABLE item ADD COLUMN price int DEFAULT 7",
          "DELETE FROM item WHERE id = 1",
          "FLUSH BINARY LOGS",
          "INSERT INTO item VALUES (3, 'three', 3)");
      purge(own);

      // then: it is kept, whatever is there now
      servers.connector(file, registry).gap("has purged its log up to GTID").close();
      try (RunningStage connector = servers.connector(file, registry).gap("has purged")) {
        connector.startOver();
        own.runIn(name, "INSERT INTO item VALUES (4, 'four', 4)");
        assertEqual(file, own);
      }

      // when: it begins anew
      own.run("RESET MASTER");
      own.runIn(name, "DELETE FROM item WHERE id = 3");

      // then
      try (RunningStage connector = servers.connector(file, registry).gap("was reset")) {
        connector.startOver();
        own.runIn(name, "ALTER TABLE item DROP COLUMN label", "INSERT INTO item VALUES (5, 5)");
        assertEqual(file, own);
      }

      // when: it is another server
      PipelineFile moved = servers.file(name, "item");
      run("ALTER TABLE item ADD COLUMN price int DEFAULT 9");

      // then
      try (RunningStage connector =
          servers.connector(moved, registry).gap("The server is another one")) {
        connector.startOver();
        run("UPDATE item SET price = 8");
        assertEqual(moved, servers.database());
      }
    }
  }

  private void assertEqual(PipelineFile file, DatabaseServer server) {
    try (Reader reader = new Reader(file, registry, name + ".cdc.item")) {
      await()
          .atMost(Duration.ofMinutes(1))
          .untilAsserted(
              () ->
                  assertThat(reader.rows("id", "price"))
                      .isEqualTo(server.rows(name + ".item", "id", "price")));
      assertThat(
              reader.changes(1).stream()
                  .filter(change -> !change.isTombstone())
                  .collect(
                      Collectors.groupingBy(
                          Reader.Change::key,
                          Collectors.mapping(Reader.Change::position, Collectors.toList())))
                  .values())
          .allSatisfy(positions -> assertThat(positions).isSorted().doesNotHaveDuplicates());
    }
  }

  /** The server keeps a file as long as it believes that someone reads it. */
  private static void purge(DatabaseServer server) {
    await()
        .atMost(Duration.ofMinutes(1))
        .until(
            () -> {
              List<String> files = server.column("SHOW BINARY LOGS");
              server.run("PURGE BINARY LOGS TO '" + files.getLast() + "'");
              return server.column("SHOW BINARY LOGS").size() == 1;
            });
  }
}

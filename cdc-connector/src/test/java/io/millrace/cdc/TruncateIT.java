package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import io.millrace.schemas.DeadLetter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** TRUNCATE is the deletion of every row. With kill -9: {@link CrashIT}. */
@ExtendWith(Servers.Extension.class)
class TruncateIT {
  private final LocalSchemaRegistry registry = new LocalSchemaRegistry();
  private final Servers servers;
  private final String name;
  private final Database database;

  TruncateIT(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
    this.database = Database.create(servers, name);
    database.run(
        """
        CREATE TABLE item (id serial PRIMARY KEY, label text, amount numeric(12,2));
        ALTER TABLE item REPLICA IDENTITY FULL;
        CREATE TABLE part (id int PRIMARY KEY, item_id int REFERENCES item);
        ALTER TABLE part REPLICA IDENTITY FULL;
        CREATE TABLE other (id int PRIMARY KEY, item_id int REFERENCES item);
        CREATE TABLE view_log (id int PRIMARY KEY, url text);
        """);
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  private RunningConnector streaming(PipelineFile file) throws InterruptedException {
    return new RunningConnector(servers, file, registry).streaming();
  }

  private PipelineFile file(String... tables) {
    return RunningConnector.file(servers, database, name, Map.of(), tables);
  }

  private Reader reader(PipelineFile file, String table) {
    return new Reader(file, registry, name + ".cdc." + table);
  }

  private static boolean isEnd(Reader.Change change) {
    return Integer.valueOf(-1).equals(change.key().get(0));
  }

  /** What happened to a row, in the order of its partition. */
  private static Stream<String> of(List<Reader.Change> changes, int id) {
    return changes.stream()
        .filter(change -> Integer.valueOf(id).equals(change.key().get(0)))
        .map(
            change ->
                switch (change.isTombstone() ? "" : change.op()) {
                  case "" -> "gone";
                  case "d" -> "d " + change.before();
                  default -> change.op() + " " + change.after();
                });
  }

  @Test
  void deletesTheRowsThatAreThereAtThatPointOfTheTransaction() throws Exception {
    // given
    database.run("INSERT INTO item (label, amount) SELECT 'old', 1.5 FROM generate_series(1, 9)");
    PipelineFile file = file("item", "part");
    try (RunningConnector connector = streaming(file);
        Reader items = reader(file, "item");
        Reader parts = reader(file, "part")) {
      database.run("INSERT INTO part SELECT n, n FROM generate_series(1, 4) n");

      // when
      database.run(
          """
          BEGIN;
          UPDATE item SET label = 'changed' WHERE id = 2;
          DELETE FROM item WHERE id = 9;
          INSERT INTO item VALUES (10, 'new', 10);
          TRUNCATE item RESTART IDENTITY CASCADE;
          INSERT INTO item (label) VALUES ('again');
          INSERT INTO item VALUES (11, 'kept');
          TRUNCATE part;
          COMMIT;
          INSERT INTO item VALUES (-1);
          INSERT INTO part VALUES (-1);
          """);

      // then
      List<Reader.Change> changes = items.changesUntil(TruncateIT::isEnd);
      assertThat(of(changes, 1))
          .containsExactly(
              "r item[1, old, 1.50]", "d item[1, old, 1.50]", "gone", "c item[1, again, null]");
      assertThat(of(changes, 2))
          .containsExactly(
              "r item[2, old, 1.50]",
              "u item[2, changed, 1.50]",
              "d item[2, changed, 1.50]",
              "gone");
      assertThat(of(changes, 9))
          .containsExactly("r item[9, old, 1.50]", "d item[9, old, 1.50]", "gone");
      assertThat(of(changes, 10))
          .containsExactly("c item[10, new, 10.00]", "d item[10, new, 10.00]", "gone");
      assertThat(of(changes, 11)).containsExactly("c item[11, kept, null]");
      assertThat(parts.changesUntil(TruncateIT::isEnd))
          .hasSize(4 + 4 * 2 + 1)
          .filteredOn(change -> !change.isTombstone() && change.op().equals("d"))
          .extracting(change -> Objects.requireNonNull(change.before().get(1)))
          .containsExactlyInAnyOrder(1, 2, 3, 4);
      assertPositionsGrow(changes);
      assertThat(connector.fatal()).isEmpty();
    }
  }

  private static void assertPositionsGrow(List<Reader.Change> changes) {
    List<Reader.Change> events = changes.stream().filter(change -> !change.isTombstone()).toList();
    assertThat(events).extracting(Reader.Change::position).doesNotHaveDuplicates();
    events.stream()
        .map(Reader.Change::key)
        .distinct()
        .forEach(
            key ->
                assertThat(events)
                    .filteredOn(change -> change.key().equals(key))
                    .extracting(Reader.Change::position)
                    .isSorted());
  }

  @Test
  void deletesRowsOfEarlierSchemasInTheSchemaOfNow() throws Exception {
    // given
    PipelineFile file = file("item");
    try (RunningConnector _ = streaming(file);
        Reader reader = reader(file, "item")) {
      database.run("INSERT INTO item VALUES (1, 'x', 1)");
      reader.changes(1);
    }
    database.run(
        """
        ALTER TABLE item ADD COLUMN note text, DROP COLUMN label;
        ALTER TABLE item ALTER COLUMN amount TYPE numeric(20,2);
        TRUNCATE item, part, other;
        INSERT INTO item VALUES (-1);
        """);

    // when
    try (RunningConnector connector = streaming(file);
        Reader reader = reader(file, "item")) {
      // then
      assertThat(of(reader.changesUntil(TruncateIT::isEnd), 1))
          .containsExactly("c item[1, x, 1.00]", "d item[1, 1.00, null]", "gone");
      assertThat(connector.fatal()).isEmpty();
    }
  }

  @Test
  void leavesTheRowsOfAnAppendOnlyTable() throws Exception {
    // given
    PipelineFile file = file("view_log+");
    try (RunningConnector connector = streaming(file);
        Reader reader = reader(file, "view_log");
        Reader dead = new Reader(file, registry, name + ".dead-letters.cdc-connector")) {
      // when
      database.run(
          """
          INSERT INTO view_log VALUES (1, '/');
          TRUNCATE view_log;
          INSERT INTO view_log VALUES (-1, '/z');
          """);

      // then
      assertThat(reader.changesUntil(TruncateIT::isEnd))
          .extracting(Reader.Change::op)
          .containsExactlyInAnyOrder("c", "c");
      ConsumerRecord<byte[], byte[]> letter = dead.records(1).get(0);
      assertThat(TypesIT.header(letter, DeadLetter.MESSAGE)).contains("append_only", "a TRUNCATE");
      assertThat(connector.fatal()).isEmpty();
    }
  }
}

package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import io.millrace.schemas.DeadLetter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What becomes of the changes that are more than a row. */
@ExtendWith(Servers.Extension.class)
class TableChangesIT {
  private final LocalSchemaRegistry registry = new LocalSchemaRegistry();
  private final Servers servers;
  private final String name;
  private final Database database;

  TableChangesIT(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
    this.database = Database.create(servers, name);
    database.run(
        """
        CREATE TABLE item (id int PRIMARY KEY, label text NOT NULL, amount int);
        ALTER TABLE item REPLICA IDENTITY FULL;
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

  private Reader reader(PipelineFile file) {
    return new Reader(file, registry, name + ".cdc.item");
  }

  @Test
  void anUnchangedLargeValueIsInBothRows() throws Exception {
    // given
    PipelineFile file = file("item");
    String large =
        "repeat(md5('x'), 3000) || (SELECT string_agg(md5(n::text), '') FROM"
            + " generate_series(1, 3000) n)";
    try (RunningConnector _ = streaming(file);
        Reader reader = reader(file)) {
      database.run("INSERT INTO item VALUES (1, %s, 1)".formatted(large));

      // when
      database.run("UPDATE item SET amount = 2 WHERE id = 1");

      // then
      List<Reader.Change> changes = reader.changes(2);
      String value = database.text("SELECT label FROM item");
      assertThat(value).hasSizeGreaterThan(150_000);
      assertThat(changes.get(1).before().values()).containsExactly(1, value, 1);
      assertThat(changes.get(1).after().values()).containsExactly(1, value, 2);
    }
  }

  @Test
  void aChangedPrimaryKeyIsADeleteAndACreate() throws Exception {
    // given
    PipelineFile file = file("item");
    try (RunningConnector _ = streaming(file);
        Reader reader = reader(file)) {
      database.run("INSERT INTO item VALUES (1, 'x', 1)");

      // when
      database.run("UPDATE item SET id = 2 WHERE id = 1");

      // then
      List<Reader.Change> changes = reader.changes(4);
      assertThat(changes.stream().filter(Reader.Change::isTombstone).map(c -> c.key().get(0)))
          .containsExactly(1);
      assertThat(
              changes.stream()
                  .filter(change -> !change.isTombstone())
                  .sorted(java.util.Comparator.comparing(Reader.Change::position))
                  .map(change -> change.op() + change.key().get(0)))
          .containsExactly("c1", "d1", "c2");
    }
  }

  @Test
  void changesOfAnAppendOnlyTableGoToTheDeadLetters() throws Exception {
    // given
    PipelineFile file = file("view_log+");
    try (RunningConnector connector = streaming(file);
        Reader reader = new Reader(file, registry, name + ".cdc.view_log");
        Reader dead = new Reader(file, registry, name + ".dead-letters.cdc-connector")) {
      database.run("INSERT INTO view_log VALUES (1, '/'), (2, '/x')");

      // when
      database.run("UPDATE view_log SET url = '/y' WHERE id = 1");
      database.run("DELETE FROM view_log WHERE id = 2");
      database.run("INSERT INTO view_log VALUES (3, '/z')");

      // then
      assertThat(reader.changes(3)).extracting(Reader.Change::op).containsOnly("c");
      List<ConsumerRecord<byte[], byte[]>> letters = dead.records(2);
      assertThat(letters)
          .extracting(letter -> TypesIT.header(letter, DeadLetter.MESSAGE))
          .allMatch(message -> message.contains("append_only"));
      assertThat(connector.fatal()).isEmpty();
    }
  }

  @Test
  void columnsComeAndGoAndWiden() throws Exception {
    // given
    PipelineFile file = file("item");
    try (RunningConnector connector = streaming(file);
        Reader reader = reader(file)) {
      database.run("INSERT INTO item VALUES (1, 'x', 1)");

      // when
      database.run("ALTER TABLE item ADD COLUMN note text NOT NULL DEFAULT 'none'");
      database.run("INSERT INTO item VALUES (2, 'x', 2, 'new')");
      database.run("ALTER TABLE item ALTER COLUMN amount TYPE bigint");
      database.run("INSERT INTO item VALUES (3, 'x', 3000000000, 'wide')");
      database.run("ALTER TABLE item DROP COLUMN note");
      database.run("INSERT INTO item VALUES (4, 'x', 4)");

      // then
      assertThat(reader.changesUntil(change -> isInsert(change, 4)))
          .as("beside what a snapshot of the altered table reads")
          .filteredOn(change -> change.op().equals("c"))
          .extracting(change -> change.after().toString())
          .containsExactlyInAnyOrder(
              "item[1, x, 1]",
              "item[2, x, 2, new]",
              "item[3, x, 3000000000, wide]",
              "item[4, x, 4]");
      assertThat(connector.fatal()).isEmpty();
    }

    // when: the schemas of a restart follow those of the stream
    try (RunningConnector _ = streaming(file);
        Reader reader = reader(file)) {
      database.run("INSERT INTO item VALUES (5, 'x', 5)");

      // then
      assertThat(reader.changesUntil(change -> isInsert(change, 5)))
          .filteredOn(change -> change.op().equals("c"))
          .hasSize(5);
    }
  }

  /** The catalog tells of now only, and the log of what was. */
  @Test
  void nullsOfBeforeColumnsWereNotNullAreCarried() throws Exception {
    // given a connector that is behind
    PipelineFile file = file("item");
    try (RunningConnector _ = streaming(file);
        Reader reader = reader(file)) {
      database.run("INSERT INTO item VALUES (1, 'x', 1)");
      reader.changesUntil(change -> isInsert(change, 1));
    }

    // when one column was nullable before it was away, and one since
    database.run(
        """
        ALTER TABLE item ALTER COLUMN label DROP NOT NULL;
        INSERT INTO item VALUES (2, NULL, NULL);
        """);
    database.run(
        """
        UPDATE item SET label = 'y', amount = 2 WHERE id = 2;
        ALTER TABLE item ALTER COLUMN label SET NOT NULL, ALTER COLUMN amount SET NOT NULL;
        INSERT INTO item VALUES (3, 'x', 3);
        """);
    try (RunningConnector connector = streaming(file);
        Reader reader = reader(file)) {

      // then
      assertThat(reader.changesUntil(change -> isInsert(change, 3)))
          .filteredOn(change -> Integer.valueOf(2).equals(change.key().get(0)))
          .extracting(change -> change.op() + change.after())
          .containsExactly("citem[2, null, null]", "uitem[2, y, 2]");
      assertThat(connector.fatal()).isEmpty();
    }
  }

  @Test
  void aColumnThatCameAndWasWidenedMeanwhileIsCarried() throws Exception {
    // given a connector that is behind, and a registry that knows what the table will be
    PipelineFile file = file("item");
    streaming(file).close();
    database.run(
        """
        INSERT INTO item VALUES (1, 'without', 1);
        ALTER TABLE item ADD COLUMN n integer;
        INSERT INTO item VALUES (2, 'narrow', 1, 7);
        """);
    database.run("ALTER TABLE item ALTER COLUMN n TYPE bigint");
    database.run("INSERT INTO item VALUES (3, 'wide', 1, 3000000000)");

    // when
    try (RunningConnector connector = streaming(file);
        Reader reader = reader(file)) {
      // then
      reader.changesUntil(change -> Integer.valueOf(3).equals(change.key().get(0)));
      assertThat(reader.rows("id", "n")).containsExactly("1|", "2|7", "3|3000000000");
      assertThat(connector.fatal()).isEmpty();
    }
  }

  @Test
  void aTypeThatDoesNotHoldTheOldValuesStopsTheConnector() throws Exception {
    // given
    PipelineFile file = file("item");
    try (RunningConnector connector = streaming(file)) {
      // when
      database.run("ALTER TABLE item ALTER COLUMN amount TYPE text USING amount::text");
      database.run("INSERT INTO item VALUES (1, 'x', 'much')");

      // then
      await().atMost(Duration.ofMinutes(3)).until(() -> !connector.fatal().isEmpty());
      assertThat(connector.fatal().get(0))
          .contains("Column amount of table item changed from integer to text");
    }
  }

  @Test
  void aReplicaIdentityThatIsTakenAwayStopsTheConnector() throws Exception {
    // given
    PipelineFile file = file("item");
    try (RunningConnector connector = streaming(file)) {
      // when
      database.run("ALTER TABLE item REPLICA IDENTITY DEFAULT");

      // then
      await().atMost(Duration.ofMinutes(3)).until(() -> !connector.fatal().isEmpty());
      assertThat(connector.fatal().get(0))
          .contains("ALTER TABLE public.item REPLICA IDENTITY FULL;");
    }
  }

  @Test
  void aTableWithoutAPrimaryKeyIsKeyedByTheDeclaredColumns() throws Exception {
    // given
    database.run(
        """
        CREATE TABLE loose (v int, b text NOT NULL, a int NOT NULL);
        ALTER TABLE loose REPLICA IDENTITY FULL;
        INSERT INTO loose SELECT n, 'old', n FROM generate_series(1, 5) n;
        """);
    PipelineFile file = file("loose:a,b");
    try (RunningConnector connector = streaming(file);
        Reader reader = new Reader(file, registry, name + ".cdc.loose")) {
      // when
      database.run(
          """
          INSERT INTO loose VALUES (1, 'new', 1);
          UPDATE loose SET v = 20 WHERE a = 2;
          UPDATE loose SET b = 'moved' WHERE a = 3;
          DELETE FROM loose WHERE a = 4;
          INSERT INTO loose VALUES (-1, 'end', -1);
          """);

      // then
      List<Reader.Change> changes =
          reader.changesUntil(change -> Integer.valueOf(-1).equals(change.key().get(0)));
      assertThat(changes)
          .filteredOn(Reader.Change::isTombstone)
          .extracting(change -> change.key().toString())
          .containsExactlyInAnyOrder("loose_key[3, old]", "loose_key[4, old]");
      assertThat(reader.rows("a", "b", "v")).isEqualTo(database.rows("loose", "a", "b", "v"));

      // when: rows that no change event tells of
      database.run("ALTER TABLE loose ADD COLUMN w int DEFAULT 7");

      // then
      await()
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(
              () ->
                  assertThat(reader.rows("a", "b", "w"))
                      .isEqualTo(database.rows("loose", "a", "b", "w")));
      assertThat(connector.fatal()).isEmpty();
    }
  }

  private static boolean isInsert(Reader.Change change, int id) {
    return !change.isTombstone()
        && change.op().equals("c")
        && Objects.equals(change.after().get(0), id);
  }
}

package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tables that are read again, or for the first time, while the stream goes on. */
@ExtendWith(Servers.Extension.class)
class TableSnapshotIT {
  private final LocalSchemaRegistry registry = new LocalSchemaRegistry();
  private final Servers servers;
  private final String name;
  private final Database database;
  private volatile boolean stop;

  TableSnapshotIT(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
    this.database = Database.create(servers, name);
    database.run(
        """
        CREATE TABLE item (id int PRIMARY KEY, label text, amount int);
        ALTER TABLE item REPLICA IDENTITY FULL;
        CREATE TABLE late (region text, no int, label text, PRIMARY KEY (region, no));
        ALTER TABLE late REPLICA IDENTITY FULL;
        """);
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  private RunningConnector streaming(PipelineFile file) throws InterruptedException {
    return new RunningConnector(servers, file, registry).streaming();
  }

  /** Each round of a snapshot ends with its first chunk. */
  private PipelineFile file(String... tables) {
    return RunningConnector.file(
        servers, database, name, Map.of("millrace.snapshot.transaction.ms", "1"), tables);
  }

  private Reader reader(PipelineFile file, String table) {
    return new Reader(file, registry, name + ".cdc." + table);
  }

  private void awaitEqual(Reader reader, String table, String... columns) {
    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(
            () -> assertThat(reader.rows(columns)).isEqualTo(database.rows(table, columns)));
  }

  private static List<String> ops(List<Reader.Change> changes, String op) {
    return changes.stream()
        .filter(change -> !change.isTombstone() && change.op().equals(op))
        .map(change -> change.key().toString())
        .toList();
  }

  private static void assertPositionsGrow(List<Reader.Change> changes) {
    Map<Object, List<String>> positions =
        changes.stream()
            .filter(change -> !change.isTombstone())
            .collect(
                Collectors.groupingBy(
                    Reader.Change::key,
                    Collectors.mapping(Reader.Change::position, Collectors.toList())));
    assertThat(positions.values())
        .allSatisfy(each -> assertThat(each).isSorted().doesNotHaveDuplicates());
  }

  @Test
  void aTableAddedToTheFileGetsASnapshotUnderLoadThroughRestarts() throws Exception {
    // given
    database.run("INSERT INTO item SELECT n, 'x', n FROM generate_series(1, 100) n");
    database.run("INSERT INTO late SELECT 'r' || n % 7, n, 'old' FROM generate_series(1, 20000) n");
    streaming(file("item")).close();
    PipelineFile both = file("item", "late");
    Thread load = Thread.ofPlatform().start(this::changeLate);

    // when: more than once it ends in the midst of the snapshot
    for (int i = 0; i < 2; i++) {
      try (RunningConnector connector = streaming(both)) {
        double enough = 3000.0 * (i + 1);
        await()
            .atMost(Duration.ofMinutes(3))
            .until(
                () ->
                    connector
                            .meters()
                            .find("millrace.cdc.snapshot.rows")
                            .tag("table", "late")
                            .counter()
                            .count()
                        > enough);
      }
    }
    try (RunningConnector connector = streaming(both);
        Reader late = reader(both, "late");
        Reader item = reader(both, "item")) {
      database.run("INSERT INTO item VALUES (-1)");
      item.changesUntil(change -> Integer.valueOf(-1).equals(change.key().get(0)));
      stop = true;
      load.join();

      // then
      awaitEqual(late, "late", "region", "no", "label");
      assertPositionsGrow(late.changes(1));
      assertThat(ops(late.changes(1), "r")).hasSizeGreaterThan(10_000).doesNotHaveDuplicates();
      assertThat(ops(item.changes(1), "r")).hasSize(100);
      assertThat(connector.fatal()).isEmpty();
    }
  }

  private void changeLate() {
    Random random = new Random(3);
    try (Connection session = database.session()) {
      while (!stop) {
        int n = 1 + random.nextInt(20_000);
        Database.run(
            session,
            switch (random.nextInt(4)) {
              case 0 -> "DELETE FROM late WHERE no = " + n;
              case 1 ->
                  "INSERT INTO late VALUES ('new', %d, 'new') ON CONFLICT DO NOTHING".formatted(n);
              case 2 ->
                  "UPDATE late SET region = 'moved' WHERE region LIKE 'r%%' AND no = %d"
                      .formatted(n);
              default ->
                  "UPDATE late SET label = '%d' WHERE no %% 1000 = %d".formatted(n, n % 1000);
            });
      }
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void rowsThatWentUnseenAreDeleted() throws Exception {
    // given
    database.run("INSERT INTO late SELECT 'x', n, 'old' FROM generate_series(1, 10) n");
    streaming(file("item", "late")).close();
    streaming(file("item")).close();
    database.run("DELETE FROM late WHERE no <= 4; UPDATE late SET label = 'new' WHERE no = 5");
    try (RunningConnector _ = streaming(file("item"));
        Reader item = reader(file("item"), "item")) {
      database.run("INSERT INTO item VALUES (1)");
      item.changes(1);
    }
    database.run("INSERT INTO late VALUES ('x', 1, 'again')");

    // when
    PipelineFile both = file("item", "late");
    try (RunningConnector _ = streaming(both);
        Reader late = reader(both, "late")) {
      // then
      awaitEqual(late, "late", "region", "no", "label");
      assertThat(ops(late.changes(1), "c")).as("the topic had the row").isEmpty();
      assertThat(ops(late.changes(1), "d"))
          .containsExactlyInAnyOrder("late_key[x, 2]", "late_key[x, 3]", "late_key[x, 4]");
      assertPositionsGrow(late.changes(1));
    }
  }

  @Test
  void whatAnAlterTableDoesToEveryRowIsFollowed() throws Exception {
    // given
    database.run("INSERT INTO item SELECT n, 'x' || n, n FROM generate_series(1, 50) n");
    PipelineFile file = file("item");
    try (RunningConnector connector = streaming(file);
        Reader reader = reader(file, "item")) {
      // when: no row changes in the log
      database.run("ALTER TABLE item ADD COLUMN note text NOT NULL DEFAULT 'none'");
      // then
      awaitEqual(reader, "item", "id", "label", "amount", "note");

      // when
      database.run("ALTER TABLE item ALTER COLUMN amount TYPE bigint USING amount * 3000000000");
      // then
      awaitEqual(reader, "item", "id", "label", "amount", "note");

      // when
      database.run("ALTER TABLE item RENAME COLUMN label TO title");
      // then
      awaitEqual(reader, "item", "id", "title", "amount", "note");

      // when
      int before = ops(reader.changes(1), "r").size();
      database.run(
          """
          ALTER TABLE item ADD COLUMN remark text;
          UPDATE item SET remark = 'one' WHERE id = 1;
          """);
      // then
      awaitEqual(reader, "item", "id", "title", "amount", "note", "remark");
      assertThat(connector.fatal()).isEmpty();
      assertThat(before).isEqualTo(4 * 50);
    }

    // when: while no one looks
    database.run(
        """
        UPDATE item SET remark = 'two' WHERE id = 2;
        ALTER TABLE item DROP COLUMN note;
        UPDATE item SET remark = 'three' WHERE id = 3;
        ALTER TABLE item ADD COLUMN note text;
        ALTER TABLE item ALTER COLUMN amount TYPE int USING id;
        """);
    try (RunningConnector connector = streaming(file);
        Reader reader = reader(file, "item")) {
      // then
      awaitEqual(reader, "item", "id", "title", "amount", "note", "remark");
      assertPositionsGrow(reader.changes(1));
      assertThat(connector.fatal()).isEmpty();
    }
  }

  @Test
  void aNewColumnWithoutValuesNeedsNoSnapshot() throws Exception {
    // given
    database.run("INSERT INTO item SELECT n, 'x', n FROM generate_series(1, 10) n");
    PipelineFile file = file("item");
    try (RunningConnector _ = streaming(file);
        Reader reader = reader(file, "item")) {
      // when
      database.run("ALTER TABLE item ADD COLUMN note text, DROP COLUMN amount");
      await()
          .atMost(Duration.ofMinutes(3))
          .until(
              () -> ConnectorOffsets.committed(file).states().toString().contains("4 note text"));
      database.run("UPDATE item SET note = 'two' WHERE id = 2");

      // then
      awaitEqual(reader, "item", "id", "label", "note");
      assertThat(ops(reader.changes(1), "r")).hasSize(10);
    }
  }

  @Test
  void anAppendOnlyTableIsNotAppendedTwice() throws Exception {
    // given
    database.run("INSERT INTO late SELECT 'x', n, 'old' FROM generate_series(1, 10) n");
    streaming(file("item", "late+")).close();
    streaming(file("item")).close();
    database.run("INSERT INTO late SELECT 'x', n, 'new' FROM generate_series(11, 20) n");

    // when
    PipelineFile both = file("item", "late+");
    try (RunningConnector _ = streaming(both);
        Reader late = reader(both, "late")) {
      // then
      awaitEqual(late, "late", "region", "no", "label");
      assertThat(late.changes(20)).hasSize(20);
    }
  }
}

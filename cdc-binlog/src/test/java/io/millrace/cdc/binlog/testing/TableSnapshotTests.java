package io.millrace.cdc.binlog.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.cdc.Reader;
import io.millrace.cdc.RunningStage;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Tables that are read again while the stream goes on. */
public abstract class TableSnapshotTests {
  /** Each round ends with its first chunk, and an idle log is noticed soon. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "millrace.snapshot.transaction.ms", "1",
          "heartbeat.interval.ms", "300",
          "connect.keep.alive.interval.ms", "2000");

  private static final int ROWS = 1 << 14;

  private final LocalSchemaRegistry registry = new LocalSchemaRegistry();
  private final Servers servers;
  private final String name;
  private volatile boolean stop;

  protected TableSnapshotTests(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
    run(
        """
        CREATE TABLE item (region varchar(9), kind enum('b', 'a'), no int, label varchar(20),
          PRIMARY KEY (region, kind, no))
        """);
  }

  private void run(String... statements) {
    servers.database().runIn(name, statements);
  }

  private void fill() {
    run("CREATE TABLE seq (n int PRIMARY KEY)", "INSERT INTO seq VALUES (0)");
    for (int rows = 1; rows < ROWS; rows *= 2) {
      run("INSERT INTO seq SELECT n + %d FROM seq".formatted(rows));
    }
    run("INSERT INTO item SELECT CONCAT('r', n % 7), 1 + n % 2, n, 'old' FROM seq");
  }

  private PipelineFile file() {
    return servers.file(name, SETTINGS, "item");
  }

  private Reader reader(PipelineFile file) {
    return new Reader(file, registry, name + ".cdc.item");
  }

  private void awaitEqual(Reader reader, String... columns) {
    awaitTable(reader, "item", columns);
  }

  private void awaitTable(Reader reader, String table, String... columns) {
    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(
            () ->
                assertThat(reader.rows(columns))
                    .isEqualTo(servers.database().rows(name + "." + table, columns)));
  }

  private static boolean isRead(Reader.Change change) {
    return !change.isTombstone() && change.op().equals("r");
  }

  private static long reads(Reader reader) {
    return reader.changes(1).stream().filter(TableSnapshotTests::isRead).count();
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
  void whatAnAlterTableDoesToEveryRowIsFollowed() throws Exception {
    // given
    run("INSERT INTO item VALUES ('x', 'a', 1, 'one'), ('x', 'b', 1, 'two'), ('y', 'a', 3, null)");
    PipelineFile file = file();
    try (RunningStage connector = servers.connector(file, registry).streaming();
        Reader reader = reader(file)) {
      // when: no row changes in the log
      run("ALTER TABLE item ADD COLUMN amount int DEFAULT 7");
      // then
      awaitEqual(reader, "region", "kind", "no", "label", "amount");
      assertThat(reads(reader)).isEqualTo(6);

      // when: nothing of before has a value, or another one
      run(
          "ALTER TABLE item ADD COLUMN note text, MODIFY COLUMN amount bigint",
          "UPDATE item SET note = 'noted' WHERE no = 3");
      // then
      awaitEqual(reader, "region", "kind", "no", "label", "amount", "note");
      assertThat(reads(reader)).isEqualTo(6);

      // when
      run("ALTER TABLE item CHANGE COLUMN label title varchar(20)");
      // then
      awaitEqual(reader, "region", "kind", "no", "title", "amount", "note");
      assertThat(connector.fatal()).isEmpty();
    }

    // when: while no one looks
    run(
        "UPDATE item SET note = 'two' WHERE kind = 'b'",
        "ALTER TABLE item DROP COLUMN note",
        "ALTER TABLE item ADD COLUMN note text",
        "UPDATE item SET note = 'new' WHERE no = 3");
    try (RunningStage connector = servers.connector(file, registry).streaming();
        Reader reader = reader(file)) {
      // then
      awaitEqual(reader, "region", "kind", "no", "title", "amount", "note");
      assertPositionsGrow(reader.changes(1));
      assertThat(connector.fatal()).isEmpty();
    }
  }

  @Test
  void anAlteredTableIsReadUnderLoadThroughRestarts() throws Exception {
    // given
    fill();
    PipelineFile file = file();
    try (RunningStage connector = servers.connector(file, registry).streaming()) {
      assertThat(connector.fatal()).isEmpty();
    }
    Thread load = Thread.ofPlatform().start(this::change);
    run("ALTER TABLE item ADD COLUMN amount int NOT NULL DEFAULT 7");

    // when: more than once it ends in the midst of the snapshot
    for (int i = 0; i < 2; i++) {
      try (RunningStage connector = servers.connector(file, registry).streaming()) {
        await().atMost(Duration.ofMinutes(3)).until(() -> connector.rowsReadAgain("item") > 3000);
      }
    }
    try (RunningStage connector = servers.connector(file, registry).streaming();
        Reader reader = reader(file)) {
      connector.awaitSnapshots();
      stop = true;
      load.join();

      // then
      awaitEqual(reader, "region", "kind", "no", "label", "amount");
      assertPositionsGrow(reader.changes(1));
      assertThat(
              reader.changes(1).stream()
                  .filter(TableSnapshotTests::isRead)
                  .collect(Collectors.groupingBy(Reader.Change::key, Collectors.counting()))
                  .values())
          .as("once by the first snapshot, once by this one")
          .allSatisfy(times -> assertThat(times).isLessThanOrEqualTo(2));
      assertThat(connector.fatal()).isEmpty();
    }
  }

  private void change() {
    Random random = new Random(3);
    try (Connection session = servers.database().connect()) {
      DatabaseServer.run(session, "USE " + name);
      while (!stop) {
        int n = random.nextInt(ROWS);
        DatabaseServer.run(
            session,
            switch (random.nextInt(4)) {
              case 0 -> "DELETE FROM item WHERE no = " + n;
              case 1 ->
                  "INSERT IGNORE INTO item (region, kind, no) VALUES ('new', 'b', %d)".formatted(n);
              case 2 ->
                  "UPDATE IGNORE item SET region = 'moved' WHERE region LIKE 'r%%' AND no = %d"
                      .formatted(n);
              default ->
                  "UPDATE item SET label = '%d' WHERE no %% 1000 = %d".formatted(n, n % 1000);
            });
      }
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aTableAddedToTheFileIsReadByItself() throws Exception {
    // given
    run("INSERT INTO item VALUES ('x', 'a', 1, 'one')");
    PipelineFile one = file();
    try (RunningStage connector = servers.connector(one, registry).streaming()) {
      assertThat(connector.fatal()).isEmpty();
    }
    fill();
    run(
        "CREATE TABLE late (id int PRIMARY KEY, a int)",
        "INSERT INTO late VALUES (1, 1), (2, 2)",
        "ALTER TABLE late DROP COLUMN a, ADD COLUMN label varchar(9) DEFAULT 'old' FIRST",
        "UPDATE late SET label = 'new' WHERE id = 2");

    // when
    PipelineFile both = servers.file(name, SETTINGS, "item", "late");
    try (RunningStage connector = servers.connector(both, registry).streaming();
        Reader late = new Reader(both, registry, name + ".cdc.late");
        Reader item = reader(both)) {
      // then
      awaitTable(late, "late", "id", "label");
      run(
          "INSERT INTO late VALUES ('more', 3)",
          "ALTER TABLE late ADD COLUMN note text",
          "UPDATE late SET note = label WHERE id = 3");
      awaitTable(late, "late", "id", "label", "note");
      awaitEqual(item, "region", "kind", "no", "label");
      assertThat(reads(item)).isEqualTo(1);
      assertThat(connector.fatal()).isEmpty();
    }

    // when: it is left out, altered meanwhile, and back
    try (RunningStage connector = servers.connector(one, registry).streaming();
        Reader item = reader(one)) {
      run(
          "DELETE FROM late WHERE id = 1",
          "ALTER TABLE late DROP COLUMN note, MODIFY COLUMN label varchar(20) AFTER id",
          "UPDATE late SET label = 'much longer' WHERE id = 2",
          "INSERT INTO item VALUES ('y', 'b', -1, 'after')");
      awaitEqual(item, "region", "kind", "no", "label");
      assertThat(connector.fatal()).isEmpty();
    }
    try (RunningStage connector = servers.connector(both, registry).streaming();
        Reader late = new Reader(both, registry, name + ".cdc.late")) {
      // then
      awaitTable(late, "late", "id", "label");
      run("UPDATE late SET label = 'longer still' WHERE id = 3");
      awaitTable(late, "late", "id", "label");
      assertPositionsGrow(late.changes(1));
      assertThat(connector.fatal()).isEmpty();
    }
  }

  @Test
  void aTableWithoutAPrimaryKeyHasADeclaredOne() throws Exception {
    // given
    run(
        "CREATE TABLE loose (a int NOT NULL, d date NOT NULL, b varchar(9) NOT NULL, c int)",
        "INSERT INTO loose VALUES (1, '2024-02-29', 'x', 1), (1, '2024-02-29', 'y', 2)");
    PipelineFile file = servers.file(name, SETTINGS, "loose:b,a,d");
    try (RunningStage connector = servers.connector(file, registry).streaming();
        Reader loose = new Reader(file, registry, name + ".cdc.loose")) {
      // when
      run(
          "INSERT INTO loose VALUES (2, '2024-03-01', 'x', 3)",
          "UPDATE loose SET a = 3, c = 4 WHERE b = 'y'",
          "DELETE FROM loose WHERE a = 2");
      awaitTable(loose, "loose", "a", "b", "c");
      run("ALTER TABLE loose ADD COLUMN e int DEFAULT 5");

      // then
      awaitTable(loose, "loose", "a", "b", "c", "e");
      assertThat(connector.fatal()).isEmpty();
    }
  }

  @Test
  void aTableWithoutAKeyIsCapturedFromTheFirstStartOrNotAtAll() throws Exception {
    // given
    run("CREATE TABLE hit (page varchar(9), visitor int)", "INSERT INTO hit VALUES ('/', NULL)");
    PipelineFile one = servers.file(name, SETTINGS, "hit+");
    try (RunningStage connector = servers.connector(one, registry).streaming();
        Reader hit = new Reader(one, registry, name + ".cdc.hit")) {
      run("INSERT INTO hit VALUES ('/', NULL), ('/', NULL)", "CREATE TABLE more LIKE hit");
      awaitTable(hit, "hit", "page", "visitor");
      assertThat(connector.fatal()).isEmpty();
    }

    // when
    try (RunningStage connector =
        servers.connector(servers.file(name, SETTINGS, "hit+", "more+"), registry).start()) {
      // then
      await()
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(
              () ->
                  assertThat(connector.fatal())
                      .singleElement()
                      .asString()
                      .contains(name + ".more has no key", "source.tables.more.key"));
    }
  }

  @Test
  void aSnapshotOnDemandShowsWhatTheLogDoesNotHave() throws Exception {
    // given
    fill();
    PipelineFile file = file();
    try (RunningStage connector = servers.connector(file, registry).streaming();
        Reader reader = reader(file)) {
      run(
          "SET SESSION sql_log_bin = 0",
          "UPDATE item SET label = 'unlogged' WHERE no % 100 = 0",
          "DELETE FROM item WHERE no % 100 = 1",
          "INSERT INTO item VALUES ('it''s', 'a', -1, NULL)");

      // when: what meets a condition is read, and nothing is deleted
      connector.ask("item", "no < 1 AND label = 'unlogged'");
      // then
      await()
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(
              () -> {
                assertThat(reader.rows("no")).hasSize(ROWS);
                assertThat(reads(reader)).isEqualTo(ROWS + 1);
              });

      // when
      connector.ask("item", null);
      // then
      awaitEqual(reader, "region", "kind", "no", "label");
      assertPositionsGrow(reader.changes(1));
      assertThat(connector.problem("item", "nothing = 1")).isPresent();
      assertThat(connector.problem("item", "1 = 1 # '\n")).isPresent();
      assertThat(connector.fatal()).isEmpty();
    }
  }
}

package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.cdc.SnapshotCommand.Answer;
import io.millrace.cdc.SnapshotView.State;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tables that are read again because someone asks. What has to be read is a rewrite that no change
 * event tells of and that leaves all types: nothing else puts the topic right.
 */
@ExtendWith(Servers.Extension.class)
class AskedSnapshotIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int ROWS = 20_000;

  private final LocalSchemaRegistry registry = new LocalSchemaRegistry();
  private final Servers servers;
  private final String name;
  private final Database database;
  private final PipelineFile file;
  private volatile boolean stop;

  AskedSnapshotIT(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
    this.database = Database.create(servers, name);
    // Each round ends with its first chunk.
    this.file =
        RunningConnector.file(
            servers,
            database,
            name,
            Map.of("millrace.snapshot.transaction.ms", "1"),
            "item",
            "late",
            "log+");
    database.run(
        """
        CREATE TABLE item (id int PRIMARY KEY, label text);
        ALTER TABLE item REPLICA IDENTITY FULL;
        CREATE TABLE late (region text, no int, label text, PRIMARY KEY (region, no));
        ALTER TABLE late REPLICA IDENTITY FULL;
        CREATE TABLE log (id int PRIMARY KEY);
        INSERT INTO item SELECT n, 'x' FROM generate_series(1, 100) n;
        INSERT INTO late SELECT 'r' || n %% 7, n, 'old' FROM generate_series(1, %d) n;
        INSERT INTO log SELECT n FROM generate_series(1, 10) n;
        """
            .formatted(ROWS));
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  private RunningConnector streaming() throws InterruptedException {
    return new RunningConnector(servers, file, registry).streaming();
  }

  private Reader reader(String table) {
    return new Reader(file, registry, name + ".cdc." + table);
  }

  @Test
  void aTableIsReadAgainUnderLoadThroughPausesAndRestarts() throws Exception {
    streaming().close();
    try (Reader late = reader("late")) {
      int before = late.changes(ROWS).size();
      rewriteLate();
      Thread load = Thread.ofPlatform().start(this::changeLate);

      // when: it is paused on its way
      long read;
      try (RunningConnector connector = streaming()) {
        ask(connector, new SnapshotCommand.Take("one", List.of("late"), null));
        awaitView(connector, "one", view -> view.rows() >= 4000);
        ask(connector, new SnapshotCommand.Pause("one"));
        read = view(connector, "one").rows();
        follows(connector, 1);
        assertThat(view(connector, "one"))
            .satisfies(view -> assertThat(view.state()).isEqualTo(State.PAUSED))
            .satisfies(view -> assertThat(view.rows()).isEqualTo(read).isLessThan(ROWS));
      }

      // when: it is resumed later, and broken off once more
      try (RunningConnector connector = streaming()) {
        assertThat(view(connector, "one").state()).isEqualTo(State.PAUSED);
        assertThat(view(connector, "one").rows()).isEqualTo(read);
        ask(connector, new SnapshotCommand.Resume("one"));
        awaitView(connector, "one", view -> view.rows() >= read + 2000);
      }
      try (RunningConnector connector = streaming()) {
        awaitView(connector, "one", view -> view.state() == State.DONE);
        stop = true;
        load.join();

        // then
        awaitEqual(late, "late", "region", "no", "label");
        List<String> readAgain = ops(late.changes(1).subList(before, late.changes(1).size()), "r");
        assertThat(readAgain).doesNotHaveDuplicates().hasSizeGreaterThan(ROWS / 2);
        assertThat(view(connector, "one").rows()).isGreaterThan(ROWS / 2);
        assertThat(connector.fatal()).isEmpty();
      }
    }
  }

  /** Also moves the keys of some rows, whose old ones have vanished then. */
  private void rewriteLate() {
    database.run(
        """
        ALTER TABLE late ALTER COLUMN label TYPE text USING upper(label),
          ALTER COLUMN no TYPE int USING CASE WHEN no % 100 = 0 THEN no + 100000 ELSE no END
        """);
  }

  private void changeLate() {
    Random random = new Random(5);
    try (Connection session = database.session()) {
      while (!stop) {
        int n = 1 + random.nextInt(ROWS);
        Database.run(
            session,
            switch (random.nextInt(3)) {
              case 0 -> "DELETE FROM late WHERE no = " + n;
              case 1 ->
                  "INSERT INTO late VALUES ('new', %d, 'new') ON CONFLICT DO NOTHING".formatted(n);
              default ->
                  "UPDATE late SET label = '%d' WHERE no %% 1000 = %d".formatted(n, n % 1000);
            });
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aConditionReadsItsRowsAndDeletesNone() throws Exception {
    try (RunningConnector connector = streaming();
        Reader item = reader("item");
        Reader log = reader("log")) {
      int before = item.changes(100).size();
      database.run(
          """
          ALTER TABLE item ALTER COLUMN label TYPE text USING upper(label),
            ALTER COLUMN id TYPE int USING CASE WHEN id = 7 THEN 1007 ELSE id END
          """);

      // when: several wait, one of which the database can only refuse when it meets a certain row
      ask(connector, new SnapshotCommand.Take("some", List.of("item"), "id <= 40 OR id = 1007"));
      ask(connector, new SnapshotCommand.Take("bad", List.of("item"), "1 / (id - 50) = 0"));
      ask(connector, new SnapshotCommand.Take("append", List.of("log"), "id > 5"));
      awaitView(connector, "append", view -> view.state() == State.DONE);

      // then
      List<Reader.Change> after = item.changes(before + 40);
      assertThat(after.subList(before, after.size()))
          .hasSize(40)
          .allSatisfy(change -> assertThat(change.op()).isEqualTo("r"))
          .allSatisfy(change -> assertThat(change.after().get(1)).isEqualTo("X"));
      assertThat(item.rows("id", "label")).contains("7|x", "1007|X", "40|X", "41|x");
      assertThat(view(connector, "some").rows()).isEqualTo(40);
      assertThat(view(connector, "bad").state()).isEqualTo(State.FAILED);
      assertThat(view(connector, "bad").failure()).contains("22012");
      assertThat(log.changes(10)).hasSize(10);

      // when: all of it is read
      ask(connector, new SnapshotCommand.Take("all", List.of("item"), null));

      // then
      awaitEqual(item, "item", "id", "label");
      assertThat(connector.fatal()).isEmpty();
    }
  }

  @Test
  void oneThatIsStoppedLeavesATopicThatGoesOn() throws Exception {
    try (RunningConnector connector = streaming();
        Reader late = reader("late")) {
      int before = late.changes(ROWS).size();

      // when
      ask(connector, new SnapshotCommand.Take("one", List.of("late"), null));
      awaitView(connector, "one", view -> view.rows() >= 2000);
      ask(connector, new SnapshotCommand.Stop("one"));
      database.run("UPDATE late SET label = 'new' WHERE no % 2 = 0; DELETE FROM late WHERE no < 9");

      // then
      awaitEqual(late, "late", "region", "no", "label");
      assertThat(view(connector, "one").state()).isEqualTo(State.STOPPED);
      assertThat(ops(late.changes(1).subList(before, late.changes(1).size()), "r"))
          .hasSizeBetween(2000, ROWS - 1);
      assertThat(ask(connector, new SnapshotCommand.Resume("one"), Answer.OVER)).isTrue();

      // when: everything is read, one that waits too
      ask(connector, new SnapshotCommand.Take("two", List.of("late"), "no > 0"));
      ask(connector, new SnapshotCommand.Pause("two"));
      assertThat(connector.stage().capture().orElseThrow().snapshots().ask(PATIENCE)).isTrue();

      // then
      awaitView(connector, "two", view -> view.state() == State.DONE);
    }
  }

  @Test
  void oneThatNobodyAskedForCanWaitButNotBeLeft() throws Exception {
    // given
    try (RunningConnector connector = streaming();
        Reader late = reader("late")) {
      late.changes(ROWS);
      database.run("ALTER TABLE late ADD COLUMN note text DEFAULT 'none'");
      awaitView(connector, "auto-late", view -> view.rows() >= 2000);

      // when
      ask(connector, new SnapshotCommand.Pause("auto-late"));

      // then
      assertThat(view(connector, "auto-late").state()).isEqualTo(State.PAUSED);
      assertThat(ask(connector, new SnapshotCommand.Stop("auto-late"), Answer.NEEDED)).isTrue();

      // when
      ask(connector, new SnapshotCommand.Resume("auto-late"));

      // then
      awaitEqual(late, "late", "region", "no", "label", "note");
      awaitView(connector, "auto-late", view -> view.state() == State.DONE);
    }
  }

  private static void ask(RunningConnector connector, SnapshotCommand command)
      throws InterruptedException {
    assertThat(ask(connector, command, Answer.ACCEPTED)).isTrue();
  }

  private static boolean ask(RunningConnector connector, SnapshotCommand command, Answer answer)
      throws InterruptedException {
    return desk(connector).ask(command, PATIENCE) == answer;
  }

  private static SnapshotDesk desk(RunningConnector connector) {
    return connector.stage().capture().orElseThrow().desk();
  }

  private static SnapshotView view(RunningConnector connector, String id) {
    return desk(connector).views().orElseThrow().stream()
        .filter(view -> view.id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static void awaitView(
      RunningConnector connector, String id, Predicate<SnapshotView> wanted) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                desk(connector).views().stream()
                    .flatMap(List::stream)
                    .anyMatch(view -> view.id().equals(id) && wanted.test(view)));
  }

  /** The stream goes on: it carries one change after the other. */
  private void follows(RunningConnector connector, int from) {
    for (int i = from; i < from + 3; i++) {
      double before = connector.changes("log");
      database.run("INSERT INTO log VALUES (%d)".formatted(1000 + i));
      await().atMost(PATIENCE).until(() -> connector.changes("log") > before);
    }
  }

  private void awaitEqual(Reader reader, String table, String... columns) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(reader.rows(columns)).isEqualTo(database.rows(table, columns)));
  }

  private static List<String> ops(List<Reader.Change> changes, String op) {
    return changes.stream()
        .filter(change -> !change.isTombstone() && change.op().equals(op))
        .map(change -> change.key().toString())
        .toList();
  }
}

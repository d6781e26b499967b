package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.StageStatus;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Append-only tables whose rows nothing tells apart: many are the same. */
@ExtendWith(Servers.Extension.class)
class KeylessTableIT {
  private static final String[] COLUMNS = {"page", "visitor"};

  private final LocalSchemaRegistry registry = new LocalSchemaRegistry();
  private final Servers servers;
  private final String name;
  private final Database database;
  private volatile boolean stop;

  KeylessTableIT(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
    this.database = Database.create(servers, name);
    database.run(
        """
        CREATE TABLE item (id int PRIMARY KEY);
        ALTER TABLE item REPLICA IDENTITY FULL;
        CREATE TABLE hit (page text, visitor int);
        """);
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  private RunningConnector connector(PipelineFile file) {
    return new RunningConnector(servers, file, registry);
  }

  private PipelineFile file(String... tables) {
    return RunningConnector.file(servers, database, name, Map.of(), tables);
  }

  private Reader reader(String table) {
    return new Reader(file("item"), registry, name + ".cdc." + table);
  }

  private void awaitEqual(Reader reader) {
    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(
            () -> assertThat(reader.rows(COLUMNS)).isEqualTo(database.rows("hit", COLUMNS)));
  }

  @Test
  void equalRowsAreRowsOfTheirOwn() throws Exception {
    // given
    database.run("CREATE UNIQUE INDEX ON hit (page, visitor)");
    database.run("INSERT INTO hit SELECT '/', NULL FROM generate_series(1, 3000)");
    PipelineFile file = file("item", "hit+");
    try (RunningConnector _ = connector(file).streaming()) {
      database.run("INSERT INTO hit SELECT '/', NULL FROM generate_series(1, 10)");
      database.run("INSERT INTO hit VALUES ('/', NULL)");
    }
    database.run("INSERT INTO hit VALUES ('/', NULL), ('/', NULL)");

    // when
    try (RunningConnector connector = connector(file).streaming();
        Reader reader = reader("hit")) {
      // then
      awaitEqual(reader);
      assertThat(reader.changes(1)).hasSize(3013);
      assertThat(reader.changes(1))
          .allSatisfy(change -> assertThat(change.key().get(0)).hasToString(change.position()));
      assertThat(connector.fatal()).isEmpty();
    }
  }

  @Test
  void whatIsNotAnInsertIsADeadLetter() throws Exception {
    // given
    database.run("ALTER TABLE hit REPLICA IDENTITY FULL");
    try (RunningConnector connector = connector(file("hit+")).streaming();
        Reader reader = reader("hit");
        Reader dead = new Reader(file("hit+"), registry, name + ".dead-letters.cdc-connector")) {
      // when
      database.run(
          """
          INSERT INTO hit VALUES ('/a', 1), ('/b', 2);
          UPDATE hit SET visitor = 3 WHERE page = '/a';
          DELETE FROM hit WHERE page = '/b';
          TRUNCATE hit;
          INSERT INTO hit VALUES ('/c', 4);
          """);
      // then
      assertThat(dead.records(3)).hasSize(3);
      await()
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(
              () -> assertThat(reader.rows(COLUMNS)).containsExactly("/a|1", "/b|2", "/c|4"));
      assertThat(connector.fatal()).isEmpty();
    }
  }

  @Test
  void aTableAddedToTheFileIsReadOnceUnderLoadThroughRestarts() throws Exception {
    // given
    database.run("INSERT INTO hit SELECT '/' || n % 5, n % 3 FROM generate_series(1, 20000) n");
    connector(file("item")).streaming().close();
    PipelineFile both = file("item", "hit+");
    List<Thread> load =
        Stream.of(1, 2, 3).map(seed -> Thread.ofPlatform().start(() -> visit(seed))).toList();

    // when: it ends in the midst of the snapshot, as far as it came
    for (int rows : new int[] {0, 5_000, 15_000}) {
      try (RunningConnector connector = connector(both)) {
        Thread starting = connector.starter();
        await()
            .atMost(Duration.ofMinutes(3))
            .until(
                () ->
                    connector.meters().find("millrace.cdc.snapshot.rows").counters().stream()
                        .anyMatch(
                            counter ->
                                "hit".equals(counter.getId().getTag("table"))
                                    && counter.count() >= rows));
        starting.join();
      }
    }
    try (RunningConnector connector = connector(both).streaming();
        Reader reader = reader("hit")) {
      reader.changes(reader.changes(1).size() + 20);
      stop = true;
      for (Thread each : load) {
        each.join();
      }

      // then
      awaitEqual(reader);
      assertThat(reader.changes(1)).hasSameSizeAs(database.rows("hit", COLUMNS));
      assertThat(connector.fatal()).isEmpty();
    }
  }

  /** Long and short transactions; some that were there when the snapshot is taken end after it. */
  private void visit(int seed) {
    Random random = new Random(seed);
    try (Connection session = database.session()) {
      session.setAutoCommit(false);
      while (!stop) {
        for (int i = random.nextInt(5); i >= 0 && !stop; i--) {
          Database.run(session, "INSERT INTO hit VALUES ('/%d', 9)".formatted(random.nextInt(5)));
          Thread.sleep(random.nextInt(20));
        }
        if (random.nextInt(4) == 0) {
          session.rollback();
        } else {
          session.commit();
        }
      }
      session.rollback();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aTableThatCameBackNeedsAnotherName() throws Exception {
    // given
    database.run("INSERT INTO hit VALUES ('/', 1)");
    connector(file("item", "hit+")).streaming().close();
    try (RunningConnector _ = connector(file("item")).streaming();
        Reader item = reader("item")) {
      database.run("INSERT INTO item VALUES (1)");
      item.changes(1);
    }

    // when
    try (RunningConnector again = connector(file("item", "hit+"))) {
      // then
      assertThat(again.ended())
          .contains("public.hit has no key")
          .contains("give it another name in source.tables");
    }
  }

  @Test
  void afterAGapItNeedsAnotherName() throws Exception {
    // given
    database.run("INSERT INTO hit VALUES ('/', 1)");
    PipelineFile file = file("item", "hit+");
    connector(file).streaming().close();
    database.run(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
            + " WHERE database = current_database()");

    // when
    try (RunningConnector connector = connector(file)) {
      connector.starter().join();
      connector.awaitStatus(StageStatus.State.DEGRADED, "gap: ");
      connector.stage().capture().orElseThrow().snapshots().ask(Duration.ofMinutes(1));
      // then
      await().atMost(Duration.ofMinutes(3)).until(() -> !connector.fatal().isEmpty());
      assertThat(connector.fatal().get(0)).contains("give it another name in source.tables");
    }
  }
}

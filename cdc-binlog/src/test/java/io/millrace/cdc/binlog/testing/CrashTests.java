package io.millrace.cdc.binlog.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.cdc.ConnectorProcess;
import io.millrace.cdc.Reader;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.serde.HttpSchemaRegistry;
import io.millrace.runtime.testing.RegistryProcess;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged service under kill -9, with a real registry, in a JVM that starts in another zone.
 */
public abstract class CrashTests {
  private static final int KILLS = 4;
  private static final int SNAPSHOT_ROWS = 1 << 14;

  private final Servers servers;
  private final String name;
  private final AtomicInteger ids = new AtomicInteger(100_000);
  private volatile boolean stop;
  private int widened;

  protected CrashTests(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
  }

  @Test
  void carriesEveryChangeExactlyOnceThroughKills(@TempDir Path directory) throws Exception {
    // given
    String program = servers.kind().program();
    servers
        .database()
        .runIn(
            name,
            "CREATE TABLE item (id int PRIMARY KEY, label varchar(20), version int NOT NULL)",
            "CREATE TABLE seq (n int PRIMARY KEY)",
            "INSERT INTO seq VALUES (0)");
    for (int rows = 1; rows < SNAPSHOT_ROWS; rows *= 2) {
      servers.database().runIn(name, "INSERT INTO seq SELECT n + %d FROM seq".formatted(rows));
    }
    servers.database().runIn(name, "INSERT INTO item SELECT n, 'snapshot', 0 FROM seq");
    try (RegistryProcess apicurio = RegistryProcess.start(directory.resolve("registry"))) {
      PipelineFile file =
          servers.file(
              name,
              servers.database(),
              Map.of("url", apicurio.url()),
              Map.of("millrace.snapshot.transaction.ms", "1"),
              "item");
      List<Throwable> failures = new CopyOnWriteArrayList<>();
      List<Thread> writers =
          List.of(
              writer("singles", failures, this::single),
              writer("many", failures, this::many),
              writer("long", failures, this::overlapping),
              writer("definitions", failures, this::definition));

      // when: in the snapshot, twice while streaming, and while the table is read again
      for (int kill = 0; kill < KILLS; kill++) {
        try (ConnectorProcess connector = ConnectorProcess.start(program, file, directory)) {
          if (kill == 0) {
            connector.awaitLogged("Snapshot begins");
          } else {
            connector.awaitLogged("Streaming from");
            int enough = ids.get() + 2000 * kill;
            await().atMost(Duration.ofMinutes(1)).until(() -> ids.get() >= enough);
          }
          if (kill == KILLS - 1) {
            beginReadingAgain(file);
          }
          connector.kill();
        }
      }
      stop = true;
      for (Thread writer : writers) {
        writer.join();
      }
      assertThat(failures).isEmpty();
      int rows =
          Integer.parseInt(servers.database().text("SELECT count(*) FROM %s.item".formatted(name)));

      // then
      try (ConnectorProcess connector = ConnectorProcess.start(program, file, directory);
          Reader reader =
              new Reader(file, new HttpSchemaRegistry(file.registry()), name + ".cdc.item")) {
        connector.awaitLogged("Snapshot of table item complete");
        servers.database().run("INSERT INTO %s.item (id, version) VALUES (-1, 0)".formatted(name));
        assertExactlyOnce(
            reader.changesUntil(change -> Integer.valueOf(-1).equals(change.key().get(0))),
            rows + 1);
        assertThat(reader.rows("id", "version", "note"))
            .isEqualTo(servers.database().rows(name + ".item", "id", "version", "note"));
        assertThat(connector.end(true)).isEqualTo(143);
      }
    }
  }

  /** Some rows have come, one chunk of many. */
  private void beginReadingAgain(PipelineFile file) {
    servers.database().runIn(name, "ALTER TABLE item ADD COLUMN note varchar(9) DEFAULT 'read'");
    try (Reader reader =
        new Reader(file, new HttpSchemaRegistry(file.registry()), name + ".cdc.item")) {
      await().atMost(Duration.ofMinutes(3)).until(() -> reader.rows("note").contains("read"));
    }
  }

  private void assertExactlyOnce(List<Reader.Change> changes, int rows) {
    List<Reader.Change> events = changes.stream().filter(change -> !change.isTombstone()).toList();
    assertThat(events.stream().map(Reader.Change::position).distinct().count())
        .isEqualTo(events.size());
    Map<Object, Integer> state = new HashMap<>();
    for (Reader.Change change : events) {
      Object id = Objects.requireNonNull(change.key().get(0));
      Integer version = (Integer) Objects.requireNonNull(change.after().get(2));
      if (change.op().equals("u")) {
        // Versions count up by one: a lost or repeated update would show.
        assertThat(state.put(id, version)).isEqualTo(version - 1);
      } else if (change.op().equals("r") && state.containsKey(id)) {
        assertThat(state).as("read again as it is").containsEntry(id, version);
      } else {
        assertThat(state.put(id, version)).as("created twice: %s", id).isNull();
      }
    }
    assertThat(state).hasSize(rows);
    assertThat(state.values().stream().mapToLong(Integer::longValue).sum())
        .isEqualTo(
            Long.parseLong(
                servers.database().text("SELECT sum(version) FROM %s.item".formatted(name))));
  }

  @FunctionalInterface
  private interface Step {
    void run(Connection session, Random random) throws Exception;
  }

  private Thread writer(String writer, List<Throwable> failures, Step step) {
    return Thread.ofPlatform()
        .name(writer)
        .start(
            () -> {
              Random random = new Random(writer.hashCode());
              try (Connection session = servers.database().connect()) {
                DatabaseServer.run(session, "USE " + name);
                while (!stop) {
                  step.run(session, random);
                  Thread.sleep(150);
                }
              } catch (Throwable e) {
                failures.add(e);
              }
            });
  }

  private void single(Connection session, Random random) {
    DatabaseServer.run(
        session,
        "INSERT INTO item (id, label, version) VALUES (%d, 'single', 0)"
            .formatted(ids.incrementAndGet()));
    DatabaseServer.run(
        session,
        "UPDATE item SET version = version + 1 WHERE id = %d".formatted(1 + random.nextInt(5000)));
  }

  /** One statement, one event in the log for many rows. */
  private void many(Connection session, Random random) {
    int first = ids.getAndAdd(400);
    DatabaseServer.run(
        session,
        "INSERT INTO item (id, label, version) SELECT n + %d, 'many', 0 FROM seq WHERE n < %d"
            .formatted(first + 1, 1 + random.nextInt(399)));
  }

  /** Open while many others commit. */
  private void overlapping(Connection session, Random random) throws Exception {
    session.setAutoCommit(false);
    for (int i = 0; i < 20; i++) {
      DatabaseServer.run(
          session,
          "UPDATE item SET version = version + 1 WHERE id = %d"
              .formatted(5001 + random.nextInt(5000)));
      Thread.sleep(random.nextInt(20));
    }
    session.commit();
  }

  /** Between the others' transactions, which wait for it. */
  private void definition(Connection session, Random random) throws Exception {
    if (widened == 0) {
      DatabaseServer.run(session, "ALTER TABLE item ADD COLUMN extra int");
    }
    widened += 1 + random.nextInt(9);
    DatabaseServer.run(
        session, "ALTER TABLE item MODIFY label varchar(%d)".formatted(20 + widened));
    Thread.sleep(1500);
  }
}

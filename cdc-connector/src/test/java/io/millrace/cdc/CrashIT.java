package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.serde.HttpSchemaRegistry;
import io.millrace.runtime.testing.RegistryProcess;
import io.millrace.schemas.Row;
import java.io.StringReader;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;

/** The packaged service under kill -9, with a real registry. */
@ExtendWith(Servers.Extension.class)
class CrashIT {
  private static final int KILLS = 3;

  private final Servers servers;
  private final String name;
  private final Database database;
  private final AtomicInteger ids = new AtomicInteger(100_000);
  private volatile boolean stop;

  /** Rows inserted into scratch; half of them are updated. */
  private final AtomicInteger scratched = new AtomicInteger();

  CrashIT(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
    this.database = Database.create(servers, name);
    database.run(
        """
        CREATE TABLE item (id int PRIMARY KEY, label text NOT NULL, version int NOT NULL);
        ALTER TABLE item REPLICA IDENTITY FULL;
        CREATE TABLE scratch (id int PRIMARY KEY, version int NOT NULL);
        ALTER TABLE scratch REPLICA IDENTITY FULL;
        """);
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  @Test
  void carriesEveryChangeExactlyOnceThroughKills(@TempDir Path directory) throws Exception {
    // given
    database.run("INSERT INTO item SELECT n, 'snapshot', 0 FROM generate_series(1, 20000) n");
    try (RegistryProcess apicurio = RegistryProcess.start(directory.resolve("registry"))) {
      PipelineFile file = withRegistry(apicurio.url());
      List<Throwable> failures = new CopyOnWriteArrayList<>();
      List<Thread> writers =
          new ArrayList<>(
              List.of(
                  writer("singles", failures, this::single),
                  writer("copies", failures, this::copy),
                  writer("long", failures, this::overlapping)));

      // when: the first time in the snapshot, then while streaming
      for (int kill = 0; kill < KILLS; kill++) {
        try (ConnectorProcess connector = ConnectorProcess.start(file, directory)) {
          if (kill == 0) {
            connector.awaitLogged("Initial snapshot begins");
          } else {
            connector.awaitLogged("Streaming from");
            if (kill == 1) {
              writers.add(writer("truncates", failures, this::truncating));
            }
            int enough = ids.get() + 2000 * kill;
            await().atMost(Duration.ofMinutes(1)).until(() -> ids.get() >= enough);
          }
          connector.kill();
        }
      }
      stop = true;
      for (Thread writer : writers) {
        writer.join();
      }
      assertThat(failures).isEmpty();
      int rows = Integer.parseInt(database.text("SELECT count(*) FROM item"));

      // then
      try (ConnectorProcess connector = ConnectorProcess.start(file, directory);
          Reader reader =
              new Reader(file, new HttpSchemaRegistry(file.registry()), name + ".cdc.item");
          Reader scratch =
              new Reader(file, new HttpSchemaRegistry(file.registry()), name + ".cdc.scratch")) {
        connector.awaitLogged("Streaming from");
        database.run("INSERT INTO scratch VALUES (-1, 0); INSERT INTO item VALUES (-1, 'end', 0)");
        assertExactlyOnce(
            reader.changesUntil(change -> Integer.valueOf(-1).equals(change.key().get(0))),
            rows + 1);
        assertTruncated(
            scratch.changesUntil(change -> Integer.valueOf(-1).equals(change.key().get(0))));
        assertThat(connector.end(true)).isEqualTo(143);
      }
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
      } else {
        assertThat(state.put(id, version)).as("created twice: %s", id).isNull();
      }
    }
    assertThat(state).hasSize(rows);
    assertThat(state.values().stream().mapToLong(Integer::longValue).sum())
        .isEqualTo(Long.parseLong(database.text("SELECT sum(version) FROM item")));
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

  private PipelineFile withRegistry(String url) {
    PipelineFile file = RunningConnector.file(servers, database, name, Map.of(), "item", "scratch");
    return new PipelineFile(
        file.path(),
        file.pipeline(),
        file.kafka(),
        Map.of("url", url),
        file.topics(),
        file.streams(),
        file.source(),
        file.enrich(),
        file.aggregate(),
        file.lake());
  }

  @FunctionalInterface
  private interface Step {
    void run(Connection session, Random random) throws Exception;
  }

  private Thread writer(String name, List<Throwable> failures, Step step) {
    return Thread.ofPlatform()
        .name(name)
        .start(
            () -> {
              Random random = new Random(name.hashCode());
              try (Connection session = database.session()) {
                while (!stop) {
                  step.run(session, random);
                  Thread.sleep(40);
                }
              } catch (Throwable e) {
                failures.add(e);
              }
            });
  }

  private void single(Connection session, Random random) {
    Database.run(
        session, "INSERT INTO item VALUES (%d, 'single', 0)".formatted(ids.incrementAndGet()));
    Database.run(
        session,
        "UPDATE item SET version = version + 1 WHERE id = %d".formatted(1 + random.nextInt(5000)));
  }

  /** Rows that one COPY writes share a log record, and so an LSN. */
  private void copy(Connection session, Random random) throws Exception {
    int first = ids.getAndAdd(400);
    String rows =
        IntStream.rangeClosed(first + 1, first + 1 + random.nextInt(399))
            .mapToObj(id -> id + "\tcopied\t0\n")
            .collect(Collectors.joining());
    session
        .unwrap(PGConnection.class)
        .getCopyAPI()
        .copyIn("COPY item FROM STDIN", new StringReader(rows));
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

  /** Open while many others commit. */
  private void overlapping(Connection session, Random random) throws Exception {
    session.setAutoCommit(false);
    for (int i = 0; i < 20; i++) {
      Database.run(
          session,
          "UPDATE item SET version = version + 1 WHERE id = %d"
              .formatted(5001 + random.nextInt(5000)));
      Thread.sleep(random.nextInt(20));
    }
    session.commit();
  }
}

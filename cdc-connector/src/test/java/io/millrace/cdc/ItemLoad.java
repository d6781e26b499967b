package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.StringReader;
import java.sql.Connection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.postgresql.PGConnection;

/** Writers of a table {@code item}, and what its change topic must hold afterwards. */
final class ItemLoad {
  private final Database database;
  private final AtomicInteger ids = new AtomicInteger(100_000);
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final List<Thread> writers = new CopyOnWriteArrayList<>();
  private volatile boolean stop;

  /** Writes from now on. The table has rows 1 to 10,000. */
  ItemLoad(Database database) {
    this.database = database;
    add("singles", this::single);
    add("copies", this::copy);
    add("long", this::overlapping);
  }

  /** With another writer. */
  void add(String name, Step step) {
    writers.add(writer(name, step));
  }

  /** Makes the table. */
  static void createTable(Database database) {
    database.run(
        """
        CREATE TABLE item (id int PRIMARY KEY, label text NOT NULL, version int NOT NULL);
        ALTER TABLE item REPLICA IDENTITY FULL;
        INSERT INTO item SELECT n, 'snapshot', 0 FROM generate_series(1, 20000) n;
        """);
  }

  /** Waits until so many more rows are there. */
  void awaitRows(int more) {
    int enough = ids.get() + more;
    await().atMost(Duration.ofMinutes(3)).until(() -> ids.get() >= enough || !failures.isEmpty());
    assertThat(failures).isEmpty();
  }

  /** Writes so many rows in one transaction. */
  void bulk(int rows) {
    int first = ids.getAndAdd(rows) + 1;
    database.run(
        "INSERT INTO item SELECT n, 'bulk', 0 FROM generate_series(%d, %d) n"
            .formatted(first, first + rows - 1));
  }

  /** Stops writing. */
  void stop() throws InterruptedException {
    stop = true;
    for (Thread writer : writers) {
      writer.join();
    }
    assertThat(failures).isEmpty();
  }

  /** Each change is there once, and in order per key. */
  void assertExactlyOnce(List<Reader.Change> changes) {
    int rows = Integer.parseInt(database.text("SELECT count(*) FROM item"));
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

  /** What a writer does over and over. */
  @FunctionalInterface
  interface Step {
    void run(Connection session, Random random) throws Exception;
  }

  private Thread writer(String name, Step step) {
    return Thread.ofPlatform()
        .name(name)
        .start(
            () -> {
              Random random = new Random(name.hashCode());
              try (Connection session = database.session()) {
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

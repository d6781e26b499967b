package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.SlotLimit;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.StageStatus;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import java.sql.Connection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Whatever makes changes miss is found and said, and a new snapshot makes the topics true again.
 */
@ExtendWith(Servers.Extension.class)
@Servers.Alone
class GapsIT {
  private final LocalSchemaRegistry registry = new LocalSchemaRegistry();
  private final Servers servers;
  private final String name;
  private final Database database;
  private PipelineFile file;
  private int round;

  /** Whether the source lost rows that it had appended. */
  private boolean forgetful;

  GapsIT(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
    this.database = Database.create(servers, name);
    this.file = RunningConnector.file(servers, database, name, Map.of(), "item", "view_log+");
    database.run(
        """
        CREATE TABLE item (id int PRIMARY KEY, label text NOT NULL);
        ALTER TABLE item REPLICA IDENTITY FULL;
        CREATE TABLE view_log (id int PRIMARY KEY);
        INSERT INTO item SELECT n, 'snapshot' FROM generate_series(1, 300) n;
        INSERT INTO view_log SELECT n FROM generate_series(1, 300) n;
        """);
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  @FunctionalInterface
  private interface Breakage {
    void run() throws Exception;
  }

  @Test
  void aSlotThatIsGoneOrReplaced() throws Exception {
    // given
    String drop = "SELECT pg_drop_replication_slot('millrace_%s')".formatted(name);
    String create =
        "SELECT pg_create_logical_replication_slot('millrace_%s', 'pgoutput')".formatted(name);
    streamOnce();

    // when, then
    breaks("is gone", "item, view_log", () -> database.run(drop));
    breaks(
        "recreated or advanced by someone else",
        "item, view_log",
        () -> {
          database.run(drop);
          change();
          database.run(create);
        });
    breaks(
        "recreated or advanced by someone else",
        "item, view_log",
        () -> {
          change();
          database.run(
              "SELECT pg_replication_slot_advance('millrace_%s', pg_current_wal_lsn())"
                  .formatted(name));
        });
  }

  @Test
  void aPublicationThatLeftSomethingOut() throws Exception {
    // given
    String publication = name + "_publication";
    streamOnce();

    // when, then: altered and mended again before anyone looks
    breaks(
        "was altered",
        "Changes of item may",
        () -> {
          database.run("ALTER PUBLICATION %s SET TABLE view_log".formatted(publication));
          change();
          database.run("ALTER PUBLICATION %s ADD TABLE item".formatted(publication));
        });
    breaks(
        "was altered",
        "item, view_log",
        () -> {
          database.run("ALTER PUBLICATION %s SET (publish = 'insert')".formatted(publication));
          change();
          database.run(
              "ALTER PUBLICATION %s SET (publish = 'insert, update, delete, truncate')"
                  .formatted(publication));
        });
    breaks(
        "was altered",
        "Changes of item may",
        () ->
            database.run(
                "ALTER PUBLICATION %s SET TABLE item WHERE (id < 10), view_log"
                    .formatted(publication)));

    // when, then: while it runs
    try (RunningConnector connector = new RunningConnector(servers, file, registry).streaming()) {
      database.run("DROP PUBLICATION " + publication);
      change();
      closes(connector, "was altered", "item, view_log");
    }
  }

  @Test
  void topicsThatWereDeleted() throws Exception {
    // given
    streamOnce();

    // when, then
    breaks("Change topics were deleted", "Changes of item may", () -> delete(name + ".cdc.item"));
    breaks(
        "it was deleted or emptied",
        "item, view_log",
        () -> {
          delete(name + ".cdc-offsets");
          change();
        });

    // when, then: while it runs
    file = RunningConnector.withKafka(file, OutagesIT.IMPATIENT);
    try (RunningConnector connector = new RunningConnector(servers, file, registry).streaming()) {
      try (Admin admin = Admin.create(KafkaSettings.client(file, "admin"))) {
        admin.deleteTopics(List.of(name + ".cdc-offsets")).all().get();
      }
      closes(connector, "it was deleted or emptied", "item, view_log");
    }
  }

  @Test
  void aDatabaseThatWasRestored() throws Exception {
    // given
    streamOnce();
    servers.killPostgres();
    servers.backUp();
    startPostgres();
    getAhead();
    carryAll();

    // when, then
    breaks("restored from an older backup", "item, view_log", this::restore);

    // when: a server that has all of it takes over, as a replica with the slot does
    servers.killPostgres();
    servers.branchOff();
    startPostgres();
    change();

    // then
    try (RunningConnector connector = new RunningConnector(servers, file, registry).streaming()) {
      assertEqualsTheSource(connector);
    }
    awaitSlotFree();

    // when: one takes over that has not all of it
    servers.killPostgres();
    servers.backUp();
    startPostgres();
    change();
    carryAll();

    // then
    breaks(
        "was restored from a backup, or failed over",
        "item, view_log",
        () -> {
          servers.killPostgres();
          servers.restore();
          servers.branchOff();
          startPostgres();
          getAhead();
        });
  }

  private void restore() {
    forgetful = true;
    servers.killPostgres();
    servers.restore();
    startPostgres();
  }

  private void startPostgres() {
    servers.startPostgres();
    await()
        .atMost(Duration.ofMinutes(3))
        .ignoreExceptions()
        .until(
            () -> {
              database.reconnect();
              return database.text("SELECT pg_is_in_recovery()").equals("f");
            });
  }

  /** Writes more log than everything else here. */
  private void getAhead() {
    database.run(
        "CREATE TABLE filler AS SELECT repeat('x', 1000) FROM generate_series(1, 20000) n;"
            + " DROP TABLE filler");
    change();
  }

  @Test
  void aSlotThatKeepsTooMuchBackIsDroppedWhileKafkaIsDown() throws Exception {
    // given
    PipelineFile patient = file;
    file =
        RunningConnector.withSlotLimit(
            RunningConnector.withKafka(file, OutagesIT.IMPATIENT), new SlotLimit(8 << 20, true));
    String slot =
        "SELECT 1 FROM pg_replication_slots WHERE slot_name = 'millrace_%s'".formatted(name);
    try (RunningConnector connector = new RunningConnector(servers, file, registry).streaming()) {
      // when
      servers.broker().kill();
      getAhead();

      // then
      await().atMost(Duration.ofMinutes(3)).until(() -> database.text(slot).isEmpty());
      connector.awaitStatus(StageStatus.State.DEGRADED, "kept back");

      // when
      servers.broker().restart();

      // then
      file = patient;
      closes(connector, "source.max_slot_lag", "item, view_log");
    }
  }

  @Test
  void aSlotThatKeepsTooMuchBackIsToldAndKept() throws Exception {
    // given
    file = RunningConnector.withSlotLimit(file, new SlotLimit(8 << 20, false));
    streamOnce();
    getAhead();
    try (Connection open = database.session();
        RunningConnector connector = new RunningConnector(servers, file, registry)) {
      // a transaction that stays open keeps the log from its beginning on
      open.setAutoCommit(false);
      Database.run(open, "INSERT INTO view_log VALUES (-1000)");
      connector.streaming();
      getAhead();

      // when, then
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> connector.gauge("millrace.cdc.slot.lag.exceeded") == 1);
      assertThat(connector.gauge("millrace.cdc.slot.retained.bytes")).isGreaterThan(8 << 20);
      open.commit();
      assertEqualsTheSource(connector);
    }
  }

  @Test
  void aRequestWithoutAGapIsASnapshotToo() throws Exception {
    // given
    try (RunningConnector connector = new RunningConnector(servers, file, registry).streaming()) {
      change();

      // when: it is accepted, and then interrupted
      assertThat(snapshots(connector).ask(Duration.ofMinutes(3))).isTrue();
    }

    // then: the next one takes it
    try (RunningConnector again = new RunningConnector(servers, file, registry).streaming()) {
      change();
      assertEqualsTheSource(again);
    }
    awaitSlotFree();

    // when, then: what the snapshot did is not taken for a gap
    try (RunningConnector after = new RunningConnector(servers, file, registry).streaming()) {
      assertEqualsTheSource(after);
    }
  }

  private static SnapshotRequests snapshots(RunningConnector connector) {
    return connector.stage().capture().orElseThrow().snapshots();
  }

  private void streamOnce() throws Exception {
    new RunningConnector(servers, file, registry).streaming().close();
    awaitSlotFree();
  }

  private void carryAll() throws Exception {
    try (RunningConnector connector = new RunningConnector(servers, file, registry).streaming()) {
      assertEqualsTheSource(connector);
    }
    awaitSlotFree();
  }

  private void awaitSlotFree() {
    await()
        .atMost(Duration.ofMinutes(3))
        .until(
            () ->
                database
                    .text(
                        "SELECT active FROM pg_replication_slots WHERE slot_name = 'millrace_%s'"
                            .formatted(name))
                    .equals("f"));
  }

  private void breaks(String reason, String tables, Breakage breakage) throws Exception {
    // given
    breakage.run();
    change();

    // when
    try (RunningConnector connector = new RunningConnector(servers, file, registry)) {
      connector.stage().start();
      closes(connector, reason, tables);
    }
    awaitSlotFree();
  }

  private void closes(RunningConnector connector, String reason, String tables) throws Exception {
    connector.awaitStatus(StageStatus.State.DEGRADED, reason);
    assertThat(connector.stage().status().detail())
        .startsWith("gap: ")
        .contains(tables)
        .contains("POST /snapshots");
    assertThat(connector.gauge("millrace.cdc.gap")).isEqualTo(1);
    change();
    assertThat(snapshots(connector).ask(Duration.ofMinutes(3))).isTrue();
    change();
    assertEqualsTheSource(connector);
    assertThat(connector.gauge("millrace.cdc.gap")).isZero();
  }

  /** Rows come, change and vanish. */
  private void change() {
    round++;
    database.run(
        """
        DELETE FROM item WHERE id %% 20 = %1$d %% 20;
        UPDATE item SET label = 'round %1$d' WHERE id %% 7 = 0;
        INSERT INTO item SELECT 1000 * %1$d + n, 'new' FROM generate_series(1, 20) n;
        INSERT INTO view_log SELECT 1000 * %1$d + n FROM generate_series(1, 5) n;
        """
            .formatted(round));
  }

  private void delete(String topic) throws Exception {
    try (Admin admin = Admin.create(KafkaSettings.client(file, "admin"))) {
      admin.deleteTopics(List.of(topic)).all().get();
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> !admin.listTopics().names().get().contains(topic));
    }
  }

  /** Every row as the source has it, positions that only grow, and appended rows once. */
  private void assertEqualsTheSource(RunningConnector connector) throws Exception {
    round++;
    int end = -round;
    connector.awaitStatus(StageStatus.State.SERVING, "streaming");
    database.run(
        "INSERT INTO view_log VALUES (%1$d); INSERT INTO item VALUES (%1$d, 'end')".formatted(end));
    Map<Object, Object> rows = new TreeMap<>();
    Map<Object, String> positions = new HashMap<>();
    try (Reader reader = new Reader(file, registry, name + ".cdc.item")) {
      for (Reader.Change change :
          reader.changesUntil(one -> Integer.valueOf(end).equals(one.key().get(0)))) {
        Object id = change.key().get(0);
        if (change.isTombstone()) {
          assertThat(rows).doesNotContainKey(id);
        } else {
          String before = positions.put(id, change.position());
          assertThat(before == null || before.compareTo(change.position()) < 0).isTrue();
          if (change.op().equals("d")) {
            assertThat(change.before().get(1)).isEqualTo(rows.remove(id));
          } else {
            rows.put(id, change.after().get(1));
          }
        }
      }
    }
    assertThat(
            rows.entrySet().stream()
                .map(row -> row.getKey() + "=" + row.getValue())
                .collect(Collectors.joining(",")))
        .isEqualTo(
            database.text("SELECT string_agg(id || '=' || label, ',' ORDER BY id) FROM item"));
    try (Reader reader = new Reader(file, registry, name + ".cdc.view_log")) {
      List<Integer> appended =
          reader.changesUntil(one -> Integer.valueOf(end).equals(one.key().get(0))).stream()
              .map(change -> (Integer) change.key().get(0))
              .toList();
      List<Integer> there =
          Stream.of(database.text("SELECT string_agg(id::text, ',') FROM view_log").split(","))
              .map(Integer::valueOf)
              .toList();
      assertThat(appended).doesNotHaveDuplicates().containsAll(there);
      assertThat(forgetful || appended.size() == there.size()).isTrue();
    }
  }
}

package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.StageStatus;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Servers.Extension.class)
class ExactnessIT {
  private final LocalSchemaRegistry registry = new LocalSchemaRegistry();
  private final Servers servers;
  private final String name;
  private final Database database;

  ExactnessIT(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
    this.database = Database.create(servers, name);
    database.run(
        """
        CREATE TABLE item (id int PRIMARY KEY, label text NOT NULL);
        ALTER TABLE item REPLICA IDENTITY FULL;
        """);
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  private PipelineFile file(Map<String, String> more) {
    return RunningConnector.file(servers, database, name, more, "item");
  }

  private Reader reader(PipelineFile file) {
    return new Reader(file, registry, name + ".cdc.item");
  }

  @Test
  void anInterruptedSnapshotLeavesNothingAndIsTakenAgain() throws Exception {
    // given
    database.run("INSERT INTO item SELECT n, 'x' FROM generate_series(1, 30000) n");
    PipelineFile file = file(Map.of("max.batch.size", "64", "max.queue.size", "128"));
    try (RunningConnector interrupted = new RunningConnector(servers, file, registry)) {
      interrupted.stage().start();
      await()
          .pollInterval(Duration.ofMillis(5))
          .atMost(Duration.ofMinutes(3))
          .until(() -> interrupted.stage().status().state() == StageStatus.State.DEGRADED);
    }
    try (Reader reader = reader(file)) {
      assertThat(reader.records(0)).isEmpty();
    }
    database.run("DELETE FROM item WHERE id = 1");

    // when
    try (RunningConnector _ = new RunningConnector(servers, file, registry).streaming();
        Reader reader = reader(file)) {
      database.run("INSERT INTO item VALUES (-1, 'end')");
      List<Reader.Change> changes =
          reader.changesUntil(change -> Integer.valueOf(-1).equals(change.key().get(0)));

      // then
      assertThat(changes).hasSize(30000);
      assertThat(changes.stream().map(Reader.Change::position).distinct().count()).isEqualTo(30000);
    }
  }

  @Test
  void transactionsOpenWhileOthersCommitAreWholeAfterARestart() throws Exception {
    // given
    PipelineFile file = file(Map.of());
    try (Connection open = database.session()) {
      open.setAutoCommit(false);
      try (RunningConnector _ = new RunningConnector(servers, file, registry).streaming();
          Reader reader = reader(file)) {
        for (int i = 0; i < 20; i++) {
          Database.run(open, "INSERT INTO item VALUES (%d, 'open')".formatted(1000 + i));
          database.run("INSERT INTO item VALUES (%d, 'committed')".formatted(i));
        }
        // The record right after a commit stands where that commit ends.
        Database.run(open, "INSERT INTO item VALUES (1020, 'open')");
        assertThat(reader.changes(20)).hasSize(20);
      }
      Database.run(open, "INSERT INTO item VALUES (1021, 'open')");
      open.commit();
    }

    // when
    try (RunningConnector _ = new RunningConnector(servers, file, registry).streaming();
        Reader reader = reader(file)) {
      database.run("INSERT INTO item VALUES (-1, 'end')");
      List<Reader.Change> changes =
          reader.changesUntil(change -> Integer.valueOf(-1).equals(change.key().get(0)));

      // then
      assertThat(changes).extracting(change -> change.key().get(0)).doesNotHaveDuplicates();
      assertThat(changes).hasSize(20 + 22 + 1);
      assertThat(changes.stream().map(Reader.Change::position).distinct().count()).isEqualTo(43);
    }
  }

  @Test
  void aSecondInstanceStandsByAndTakesOverWhenTheFirstStops() throws Exception {
    // given
    PipelineFile file = file(Map.of());
    try (RunningConnector second = new RunningConnector(servers, file, registry)) {
      try (RunningConnector first = new RunningConnector(servers, file, registry).streaming()) {
        second.stage().start();

        // then
        second.awaitStatus(StageStatus.State.SERVING, "standby");
        assertThat(leader(first)).isEqualTo(1);
        assertThat(leader(second)).isZero();
        database.run("INSERT INTO item SELECT n, 'x' FROM generate_series(1, 10) n");
      }

      // when: the first has stopped
      second.awaitStatus(StageStatus.State.SERVING, "streaming");
      database.run("INSERT INTO item SELECT n, 'y' FROM generate_series(11, 20) n");

      // then
      assertThat(leader(second)).isEqualTo(1);
      try (Reader reader = reader(file)) {
        assertThat(reader.changes(20)).hasSize(20);
      }
    }
  }

  @Test
  void aTransactionThatTakesTooLongSaysSo() throws Exception {
    // given
    PipelineFile file = file(Map.of("millrace.transaction.timeout.ms", "1000"));
    new RunningConnector(servers, file, registry).streaming().close();
    try (TransactionLog log = TransactionLog.open(file, CdcSettings.of(file).capture())) {
      log.send(new ProducerRecord<>(name + ".cdc.item", new byte[0], null));
      log.flush();

      // when: the broker has undone it
      try (Admin admin = Admin.create(KafkaSettings.client(file, "admin"))) {
        String id = name + ".cdc-connector";
        await()
            .atMost(Duration.ofMinutes(3))
            .until(
                () ->
                    admin.describeTransactions(List.of(id)).description(id).get().state()
                        == TransactionState.COMPLETE_ABORT);
      }

      // then
      assertThatThrownBy(() -> log.commit(log.committed().orElseThrow()))
          .isInstanceOf(TransactionLog.TimedOutException.class)
          .hasMessageContaining("transaction.max.timeout.ms");
    }
  }

  private static double leader(RunningConnector connector) {
    return connector.meters().get("millrace.cdc.leader").gauge().value();
  }

  @Test
  void aSlotLeftByNoOneIsReplacedAndOneInUseIsNot() throws Exception {
    // given: what an interrupted snapshot leaves
    String slot = "millrace_" + name;
    database.run("INSERT INTO item VALUES (1, 'before')");
    database.run("SELECT pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(slot));
    database.run("UPDATE item SET label = 'after'");
    PipelineFile file = file(Map.of());

    // when
    try (RunningConnector _ = new RunningConnector(servers, file, registry).streaming();
        Reader reader = reader(file)) {
      // then
      assertThat(reader.changes(1)).extracting(Reader.Change::op).containsExactly("r");

      // when
      PipelineFile other =
          RunningConnector.file(
              servers, database, servers.nextName(), Map.of("slot.name", slot), "item");
      try (Connection connection = database.session()) {
        // then
        assertThatThrownBy(
                () -> CdcSettings.of(other).slot().drop(connection, Duration.ofMillis(100)))
            .hasMessageContaining("Replication slot %s is in use by process".formatted(slot))
            .hasMessageContaining("slot.name");
      }
    }
  }

  @Test
  void aDatabaseThatRestartsIsWaitedFor() throws Exception {
    // given
    PipelineFile file = file(Map.of());
    try (RunningConnector connector = new RunningConnector(servers, file, registry).streaming();
        Reader reader = reader(file)) {
      database.run("INSERT INTO item VALUES (1, 'x')");
      reader.changes(1);

      // when: as a restart ends it
      database.run(
          "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name ="
              + " 'millrace_%s'".formatted(name));
      database.run("INSERT INTO item VALUES (2, 'x')");

      // then
      assertThat(reader.changes(2)).hasSize(2);
      assertThat(connector.fatal()).isEmpty();
    }
  }
}

package io.millrace.sink.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.Maintenance;
import io.millrace.pipeline.TableLayout;
import io.millrace.pipeline.TableLayout.PartitionField;
import io.millrace.pipeline.TableLayout.SortField;
import io.millrace.pipeline.TableLayout.Transform;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.TopicAdmin;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import io.millrace.schemas.DataFileDescriptor;
import io.millrace.sink.LayoutCheck;
import io.millrace.sink.Servers;
import io.millrace.sink.TestLake;
import io.millrace.sink.TestRecords;
import io.millrace.sink.commit.Commits;
import io.millrace.sink.commit.DescriptorCodec;
import io.millrace.sink.writer.Epochs;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Snapshots and files go, and the sink goes on as if they were there. */
@ExtendWith(Servers.class)
class MaintenanceIT {
  private static final String TABLE = "silver.orders";
  private static final String CHANGES = "bronze.orders_changes";

  /** Later than any file was written. */
  private static final Clock LATER = Clock.offset(Clock.systemUTC(), Duration.ofDays(1));

  private static final Duration AN_HOUR = Duration.ofHours(1);

  private TestLake lake;
  private TestRecords records;
  private Commits commits;
  private Epochs orders;
  private LakeTable table;
  private TableMaintenance maintenance;

  /** Any files are small. */
  private static final Maintenance SMALL =
      new Maintenance(true, AN_HOUR, AN_HOUR, AN_HOUR, 64L << 20);

  private static final TableLayout BY_BUCKET =
      new TableLayout(
          List.of(new PartitionField(Transform.BUCKET, 2, "id")),
          List.of(new SortField("status", true)));

  private static final TableLayout BY_AMOUNT =
      new TableLayout(
          List.of(new PartitionField(Transform.IDENTITY, 0, "amount")),
          List.of(new SortField("status", false)));

  @BeforeEach
  void setUp(Servers.Running servers, @TempDir Path directory) {
    start(new TestLake(servers, new LocalSchemaRegistry(), directory, 3));
  }

  private void start(TestLake started) {
    lake = started;
    SchemaRegistry registry = lake.registry();
    records = new TestRecords(lake.pipeline().topicNames(), registry);
    commits = new Commits(lake.catalog());
    String topic = lake.pipeline().topicNames().changes("orders");
    List<LakeTable> tables =
        lake.pipeline().lakeTables().stream().filter(any -> any.topic().equals(topic)).toList();
    table = tables.stream().filter(any -> any.identifier().equals(TABLE)).findFirst().orElseThrow();
    orders = new Epochs(tables, lake.catalog(), registry, 0);
    maintenance =
        new TableMaintenance(lake.catalog(), new PendingFiles(lake.pipeline(), registry), LATER);
  }

  @AfterEach
  void tearDown() {
    lake.close();
  }

  @Test
  void expiresAllSnapshotsButTheNewest() {
    // given
    change("c", 1, "first");
    change("c", 2, "first");
    change("u", 1, "second");

    // when
    SnapshotExpiry rehearsal = maintenance.expire(table, SMALL, AN_HOUR, true);
    SnapshotExpiry expired = maintenance.expire(table, SMALL, AN_HOUR, false);
    change("u", 2, "second");

    // then
    assertThat(rehearsal.expired()).hasSize(2).isEqualTo(expired.expired());
    assertThat(lake.catalog().load(TABLE).snapshots()).hasSize(2);
    assertThat(statuses()).containsExactlyInAnyOrder("second", "second");
  }

  @Test
  void keepsTheLastSnapshotOfADayByATag() {
    // given
    Maintenance daily =
        new Maintenance(true, AN_HOUR, AN_HOUR, AN_HOUR, 64L << 20, true, Duration.ofDays(30));
    change("c", 1, "first");
    change("u", 1, "second");
    Snapshot last = lake.catalog().load(TABLE).currentSnapshot();
    String tag =
        "day-" + LocalDate.ofInstant(Instant.ofEpochMilli(last.timestampMillis()), ZoneOffset.UTC);

    // when: the days after that, and the day on which the tag is too old
    at(Duration.ofDays(2)).expire(table, daily, AN_HOUR, false);
    SnapshotExpiry again = at(Duration.ofDays(2)).expire(table, daily, AN_HOUR, false);
    change("u", 1, "third");
    at(Duration.ofDays(3)).expire(table, daily, AN_HOUR, false);

    // then
    assertThat(again.daily()).isEmpty();
    assertThat(lake.catalog().load(TABLE).refs())
        .containsEntry(
            tag,
            SnapshotRef.tagBuilder(last.snapshotId())
                .maxRefAgeMs(Duration.ofDays(30).toMillis())
                .build());
    assertThat(at(Duration.ofDays(40)).expire(table, daily, AN_HOUR, true).daily())
        .doesNotContainValue(last.snapshotId());
    assertThat(lake.catalog().load(TABLE).snapshot(last.snapshotId())).isNotNull();
  }

  private TableMaintenance at(Duration later) {
    return new TableMaintenance(
        lake.catalog(),
        new PendingFiles(lake.pipeline(), lake.registry()),
        Clock.offset(Clock.systemUTC(), later));
  }

  @Test
  void keepsTheFilesByWhichMovedRowsAreFound() {
    // given
    change("c", 1, "first");
    change("c", 2, "first");
    lake.compact(TABLE);
    change("c", 3, "first");

    // when
    SnapshotExpiry expired = maintenance.expire(table, SMALL, AN_HOUR, false);
    SnapshotExpiry again = maintenance.expire(table, SMALL, AN_HOUR, false);
    OrphanFiles orphans = maintenance.removeOrphans(table, AN_HOUR, false);
    change("u", 1, "second");
    change("d", 2, "first");

    // then
    assertThat(expired.held()).hasSize(1);
    assertThat(again.held()).isEmpty();
    assertThat(orphans.files()).isEmpty();
    assertThat(statuses()).containsExactlyInAnyOrder("second", "first");
  }

  @Test
  void removesWhatNothingNeedsAndNothingThatADescriptorWillBringIn() throws IOException {
    // given
    change("c", 1, "first");
    Path orphan = directory().resolve("data/orphan.parquet");
    Files.writeString(orphan, "of a broken transaction");
    order("u", 1, "second");
    List<DataFileDescriptor> sent = orders.end();
    send(sent);

    // when
    OrphanFiles rehearsal = maintenance.removeOrphans(table, AN_HOUR, true);
    OrphanFiles young = maintenance.removeOrphans(table, Duration.ofDays(2), false);
    OrphanFiles removed = maintenance.removeOrphans(table, AN_HOUR, false);
    commits.send(sent);
    commits.commit(TABLE);

    // then
    assertThat(young.files()).isEmpty();
    assertThat(rehearsal).isEqualTo(removed);
    assertThat(removed.files()).singleElement().asString().endsWith("/data/orphan.parquet");
    assertThat(orphan).doesNotExist();
    assertThat(statuses()).containsExactly("second");
  }

  @Test
  void removesNothingWhereItMeetsNoFileThatTheTableHas() throws IOException {
    // given
    change("c", 1, "first");
    Table elsewhere = lake.catalog().load(TABLE);
    Path other = Files.createDirectories(directory().resolveSibling("x"));
    Path somebodys = other.resolve("somebodys");
    Files.writeString(somebodys, "file");
    elsewhere
        .updateProperties()
        .set("write.metadata.path", directory().toUri() + "/metadata")
        .commit();
    elsewhere.updateLocation().setLocation(other.toUri().toString()).commit();

    // when, then
    assertThatThrownBy(() -> maintenance.removeOrphans(table, AN_HOUR, false))
        .hasMessageContaining("Nothing was removed");
    assertThat(somebodys).exists();
  }

  /** Commits and expiry come between any two steps of a compaction, and between compactions. */
  @ParameterizedTest
  @CsvSource({"1, false", "2, true"})
  void compactsBesideTheSink(
      long seed, boolean isLaidOut, Servers.Running servers, @TempDir Path directory) {
    // given
    lake.close();
    start(
        new TestLake(
            servers,
            new LocalSchemaRegistry(),
            directory.resolve("format-2"),
            Map.of(
                TABLE, TestLake.laidOut(2, isLaidOut ? BY_BUCKET : TableLayout.USUAL),
                CHANGES, TestLake.laidOut(2, isLaidOut ? BY_AMOUNT : TableLayout.USUAL))));
    Random random = new Random(seed);
    Map<Long, String> expected = new HashMap<>();
    List<String> history = new ArrayList<>();

    // when
    for (int epoch = 0; epoch < 40; epoch++) {
      for (int i = 0; i < 4; i++) {
        long id = random.nextInt(20);
        String status = epoch + "." + i;
        if (random.nextInt(4) > 0) {
          order(expected.containsKey(id) ? "u" : "c", id, status);
          expected.put(id, status);
          history.add(status);
        } else if (expected.containsKey(id)) {
          order("d", id, status);
          expected.remove(id);
          history.add(status);
        }
      }
      commits.send(orders.end());
      if (random.nextInt(3) == 0) {
        compactWhile(() -> commits.commit(TABLE), TABLE);
        compactWhile(() -> commits.commit(CHANGES), CHANGES);
      } else {
        commits.commit(TABLE);
        commits.commit(CHANGES);
      }
      if (random.nextInt(5) == 0) {
        maintenance.expire(table, SMALL, AN_HOUR, false);
      }
    }

    // then
    assertThat(LayoutCheck.of(lake.catalog().load(TABLE))).isNotEmpty();
    assertThat(LayoutCheck.of(lake.catalog().load(CHANGES)))
        .containsOnlyKeys(isLaidOut ? "0/1" : "0/0");
    assertThat(statuses()).containsExactlyInAnyOrderElementsOf(expected.values());
    assertThat(lake.rows(CHANGES))
        .extracting(row -> row.get("status"))
        .containsExactlyInAnyOrderElementsOf(history);
    assertThat(lake.catalog().load(CHANGES).currentSnapshot().summary())
        .hasEntrySatisfying(
            "total-data-files", files -> assertThat(Integer.parseInt(files)).isLessThan(30));
  }

  /** What is read first is compacted, and the sink commits before that is. */
  private void compactWhile(Runnable work, String name) {
    Table loaded = lake.catalog().load(name);
    if (loaded.currentSnapshot() == null) {
      work.run();
      return;
    }
    Compaction plan = Compaction.plan(loaded, SMALL, Long.MAX_VALUE);
    CompactionRun run = new CompactionRun(loaded);
    work.run();
    assertThat(run.run(plan, AN_HOUR)).isEqualTo(plan);
  }

  @Test
  void leavesFilesThatTheKeyIndexPointsTo() {
    // given
    for (int i = 0; i < 9; i++) {
      change("c", i, "first");
    }

    // when
    Compaction compaction = maintenance.compact(table, SMALL, false);

    // then
    assertThat(compaction.groups()).isEmpty();
    assertThat(statuses()).hasSize(9);
  }

  @Test
  void doesNotBringBackRowsThatAnotherWriterDeleted() {
    // given
    for (int i = 0; i < 8; i++) {
      order("c", 100 + i, "first");
      change("c", i, "first");
    }
    lake.delete(TABLE, Expressions.in("id", 4L, 6L));

    // when
    change("c", 99, "first");
    int filesThen = dataFiles();
    change("u", 4, "second");

    // then
    assertThat(filesThen).isEqualTo(2);
    Map<Object, Object> rows = new HashMap<>();
    lake.rows(TABLE).forEach(row -> rows.put(row.get("id"), row.get("status")));
    assertThat(rows).hasSize(16).doesNotContainKey(6L).containsEntry(4L, "second");
    assertThat(statuses()).hasSize(16);
  }

  @Test
  void saysHowFarATableIsBehindItsTopic() {
    // given
    change("c", 1, "first");
    change("u", 1, "second");
    sendRecords(5);

    // when
    TableFreshness freshness =
        TableFreshness.of(lake.pipeline(), lake.catalog(), List.of(table)).getFirst();

    // then
    Map<String, String> summary = lake.catalog().load(TABLE).currentSnapshot().summary();
    assertThat(summary).containsEntry("millrace.rows.written", "1");
    assertThat(summary).containsEntry("millrace.rows.deleted", "1");
    assertThat(freshness.behind()).isEqualTo(5 - orders.offset());
    assertThat(freshness.newest())
        .isEqualTo(
            Instant.EPOCH.plus(
                Long.parseLong(summary.get("millrace.source-ts.greatest")), ChronoUnit.MICROS));
  }

  private void sendRecords(int count) {
    try (TopicAdmin admin = new TopicAdmin(lake.pipeline());
        KafkaProducer<byte[], byte[]> producer = producer()) {
      admin.ensureCompacted(table.topic());
      for (int i = 0; i < count; i++) {
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(table.topic(), 0, new byte[] {1}, new byte[] {1});
        assertThat(producer.send(record)).succeedsWithin(Duration.ofMinutes(3));
      }
    }
  }

  private KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        KafkaSettings.client(lake.pipeline(), "test"),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  private void send(List<DataFileDescriptor> descriptors) {
    String topic = lake.pipeline().topicNames().lakeCommits();
    try (TopicAdmin admin = new TopicAdmin(lake.pipeline());
        KafkaProducer<byte[], byte[]> producer = producer()) {
      admin.ensureRetained(topic, 2, Duration.ofDays(7));
      DescriptorCodec codec = new DescriptorCodec(lake.registry(), topic);
      for (DataFileDescriptor descriptor : descriptors) {
        assertThat(producer.send(codec.encode(descriptor))).succeedsWithin(Duration.ofMinutes(3));
      }
    }
  }

  private Path directory() {
    return Path.of(URI.create(lake.catalog().load(TABLE).location()));
  }

  /** A change that is an epoch of its own, committed. */
  private void change(String op, long id, String status) {
    order(op, id, status);
    commits.send(orders.end());
    commits.commit(TABLE);
  }

  private void order(String op, long id, String status) {
    records
        .order(op, TestRecords.order(id, status, "1.00"))
        .forEach(one -> orders.record(one.key(), one.value()));
  }

  private int dataFiles() {
    Snapshot snapshot = lake.catalog().load(TABLE).currentSnapshot();
    return Integer.parseInt(snapshot.summary().get("total-data-files"));
  }

  private List<Object> statuses() {
    return lake.rows(TABLE).stream().map(row -> row.get("status")).toList();
  }
}

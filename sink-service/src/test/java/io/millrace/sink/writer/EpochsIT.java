package io.millrace.sink.writer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.TableLayout;
import io.millrace.pipeline.TableLayout.PartitionField;
import io.millrace.pipeline.TableLayout.SortField;
import io.millrace.pipeline.TableLayout.Transform;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import io.millrace.schemas.DataFileDescriptor;
import io.millrace.sink.LayoutCheck;
import io.millrace.sink.Servers;
import io.millrace.sink.TestLake;
import io.millrace.sink.TestRecords;
import io.millrace.sink.commit.Commits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.Snapshot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a reader finds after epochs that end just there, committed just so. */
@ParameterizedClass(name = "format {0}")
@ValueSource(ints = {2, 3})
@ExtendWith(Servers.class)
class EpochsIT {
  @Parameter private int formatVersion;
  private final List<TestLake> opened = new ArrayList<>();
  private TestLake lake;
  private TestRecords records;
  private Commits commits;
  private Epochs orders;
  private Epochs sales;
  private Epochs revenue;

  @BeforeEach
  void setUp(Servers.Running servers, @TempDir Path directory) {
    LocalSchemaRegistry registry = new LocalSchemaRegistry();
    lake = new TestLake(servers, registry, directory, formatVersion);
    opened.add(lake);
    records = new TestRecords(lake.pipeline().topicNames(), registry);
    commits = new Commits(lake.catalog());
    orders = epochs(lake.pipeline().topicNames().changes("orders"), registry);
    sales = epochs(lake.pipeline().topicNames().view("sales"), registry);
    revenue = epochs(lake.pipeline().topicNames().aggregate("revenue"), registry);
  }

  private Epochs epochs(String topic, LocalSchemaRegistry registry) {
    return new Epochs(tables(topic), lake.catalog(), registry, 0);
  }

  private List<LakeTable> tables(String topic) {
    return lake.pipeline().lakeTables().stream()
        .filter(table -> table.topic().equals(topic))
        .toList();
  }

  @AfterEach
  void tearDown() {
    opened.forEach(TestLake::close);
  }

  @Test
  void keepsTheLastRowOfAKeyInsertedDeletedAndInsertedInOneEpoch() {
    // given
    order("c", 1, "first");
    order("d", 1, "first");
    order("c", 1, "second");

    // when
    end(orders);
    commit("silver.orders");

    // then
    assertThat(statuses()).containsExactly("second");
  }

  @Test
  void keepsTheLastRowOfAKeyInsertedDeletedAndInsertedAcrossEpochs() {
    // given
    order("c", 1, "first");
    end(orders);
    commit("silver.orders");
    order("d", 1, "first");
    end(orders);
    order("c", 1, "second");
    end(orders);

    // when
    commit("silver.orders");

    // then
    assertThat(statuses()).containsExactly("second");
  }

  @Test
  void keepsTheLastRowOfAKeyDeletedAndInsertedInTheNextEpoch() {
    // given
    order("c", 1, "first");
    end(orders);
    order("d", 1, "first");
    order("c", 1, "second");
    end(orders);
    order("u", 1, "third");
    order("d", 1, "third");
    end(orders);
    order("c", 1, "fourth");
    end(orders);

    // when
    commit("silver.orders");

    // then
    assertThat(statuses()).containsExactly("fourth");
  }

  @Test
  void leavesNothingOfAKeyInsertedAndDeletedInOneEpoch() {
    // given
    order("c", 1, "first");
    order("d", 1, "first");

    // when
    List<DataFileDescriptor> descriptors = end(orders);
    commit("silver.orders");

    // then
    assertThat(lake.rows("silver.orders")).isEmpty();
    assertThat(descriptors)
        .filteredOn(descriptor -> descriptor.table().equals("silver.orders"))
        .singleElement()
        .satisfies(
            descriptor -> {
              assertThat(descriptor.dataFiles()).isEmpty();
              assertThat(descriptor.deleteFiles()).isEmpty();
              assertThat(descriptor.endOffset()).isEqualTo(3);
            });
  }

  @Test
  void needsNoDeletesForTheFirstSnapshotHoweverManyEpochsItTakes() {
    // given
    List<DataFileDescriptor> second;
    snapshot(1, 500, 0);
    end(orders);

    // when
    snapshot(2, 500, 1);
    second = end(orders);
    order("u", 2, "paid");
    List<DataFileDescriptor> third = end(orders);
    commit("silver.orders");

    // then
    assertThat(second).allSatisfy(descriptor -> assertThat(descriptor.deletes()).isZero());
    assertThat(third).anySatisfy(descriptor -> assertThat(descriptor.deletes()).isOne());
    assertThat(statuses()).containsExactlyInAnyOrder("snapshot", "paid");
  }

  @Test
  void replacesRowsWhenASecondSnapshotReadsThemAgain() {
    // given
    snapshot(1, 500, 0);
    snapshot(2, 500, 1);
    end(orders);

    // when
    snapshot(1, 600, 0);
    snapshot(2, 600, 1);
    end(orders);
    commit("silver.orders");

    // then
    assertThat(statuses()).containsExactly("snapshot", "snapshot");
  }

  @Test
  void continuesAfterACrashFromWhereTheLastEpochEnded() {
    // given
    order("c", 1, "first");
    order("c", 2, "other");
    end(orders);
    long committed = orders.offset();
    order("u", 1, "lost");
    order("c", 3, "lost");
    orders.crash();

    // when
    orders.restart(committed);
    order("u", 1, "again");
    order("c", 3, "again");
    end(orders);
    commit("silver.orders");
    commit("bronze.orders_changes");

    // then
    assertThat(statuses()).containsExactlyInAnyOrder("again", "other", "again");
    assertThat(lake.rows("bronze.orders_changes")).hasSize(4);
  }

  @Test
  void findsTheRowsAgainWhenTheKeyIndexIsLost() {
    // given
    order("c", 1, "first");
    order("c", 2, "other");
    order("c", 3, "gone");
    end(orders);
    order("u", 1, "second");
    order("d", 3, "gone");
    end(orders);
    commit("silver.orders");

    // when
    orders.restartWithoutIndex();
    order("u", 1, "third");
    order("u", 2, "another");
    order("c", 3, "back");
    end(orders);
    order("d", 2, "another");
    end(orders);
    commit("silver.orders");

    // then
    assertThat(statuses()).containsExactlyInAnyOrder("third", "back");
  }

  @Test
  void leavesNoFileWithoutRows() {
    // given
    order("c", 1, "first");
    end(orders);
    commit("silver.orders");
    order("u", 1, "second");
    end(orders);

    // when
    commit("silver.orders");

    // then
    if (formatVersion == 3) {
      assertThat(lake.catalog().load("silver.orders").currentSnapshot().summary())
          .containsEntry("total-data-files", "1")
          .containsEntry("total-delete-files", "0");
    }
    assertThat(statuses()).containsExactly("second");
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5, 6})
  void hasOneVectorForEachFileAtMost(long seed) {
    // given
    Random random = new Random(seed);
    Map<Long, String> expected = new HashMap<>();
    for (long id = 0; id < 50; id++) {
      order("c", id, "new");
      expected.put(id, "new");
    }
    end(orders);

    // when
    for (int epoch = 0; epoch < 12; epoch++) {
      for (int i = 0; i < 8; i++) {
        long id = random.nextInt(50);
        String status = epoch + "." + i;
        order(expected.containsKey(id) ? "u" : "c", id, status);
        expected.put(id, status);
        if (random.nextInt(6) == 0) {
          order("d", id, status);
          expected.remove(id);
        }
      }
      end(orders);
      if (random.nextInt(3) == 0) {
        commit("silver.orders");
      }
    }
    commit("silver.orders");

    // then
    assertThat(statuses()).containsExactlyInAnyOrderElementsOf(expected.values());
    if (formatVersion == 3) {
      assertThat(lake.vectorsPerFile("silver.orders"))
          .allSatisfy((file, vectors) -> assertThat(vectors).isOne());
    }
  }

  /** Another engine compacts between any two commits; now and then the key index is lost. */
  @ParameterizedTest
  @ValueSource(longs = {7, 8, 9})
  void deletesRowsThatAnotherWriterHasMoved(long seed) {
    // given
    Random random = new Random(seed);
    Map<Long, String> expected = new HashMap<>();
    for (long id = 0; id < 30; id++) {
      order("c", id, "new");
      expected.put(id, "new");
    }
    end(orders);
    commit("silver.orders");

    // when
    for (int epoch = 0; epoch < 16; epoch++) {
      for (int i = 0; i < 6; i++) {
        long id = random.nextInt(30);
        String status = epoch + "." + i;
        if (random.nextInt(4) == 0) {
          order("d", id, status);
          expected.remove(id);
        } else {
          order(expected.containsKey(id) ? "u" : "c", id, status);
          expected.put(id, status);
        }
      }
      end(orders);
      switch (random.nextInt(4)) {
        case 0 -> lake.compact("silver.orders");
        case 1 -> commit("silver.orders");
        case 2 -> {
          commit("silver.orders");
          lake.compact("silver.orders");
        }
        default -> {
          commit("silver.orders");
          orders.restartWithoutIndex();
        }
      }
    }
    commit("silver.orders");

    // then
    assertThat(statuses()).containsExactlyInAnyOrderElementsOf(expected.values());
  }

  /** What may be null is no identifier field of the table, and yet part of the key. */
  @Test
  void deletesARowWithNullInItsKeyThatAnotherWriterHasMoved() {
    // given
    take(revenue, records.revenue(0, null, "1.00"));
    take(revenue, records.revenue(0, "de", "2.00"));
    end(revenue);
    commit("gold.revenue");
    take(revenue, records.revenue(0, null, "3.00"));
    end(revenue);
    lake.compact("gold.revenue");

    // when
    commit("gold.revenue");

    // then
    assertThat(lake.rows("gold.revenue"))
        .extracting(row -> row.get("country") + " " + row.get("revenue"))
        .containsExactlyInAnyOrder("null 3.00", "de 2.00");
  }

  /** Between any commits, also when files are on their way; now and then an epoch is given up. */
  @ParameterizedTest
  @ValueSource(longs = {10, 11, 12})
  void makesSmallFilesOne(long seed) {
    // given
    Random random = new Random(seed);
    Map<Long, String> expected = new HashMap<>();

    // when
    for (int epoch = 0; epoch < 90; epoch++) {
      Map<Long, String> before = Map.copyOf(expected);
      long committed = orders.offset();
      for (int i = 0; i < 6; i++) {
        long id = random.nextInt(300);
        String status = epoch + "." + i;
        if (random.nextInt(5) == 0) {
          order("d", id, status);
          expected.remove(id);
        } else {
          order(expected.containsKey(id) ? "u" : "c", id, status);
          expected.put(id, status);
        }
      }
      if (random.nextInt(10) == 0) {
        orders.end();
        orders.crash();
        orders.restart(committed);
        expected.clear();
        expected.putAll(before);
      } else {
        end(orders);
      }
      if (random.nextInt(3) > 0) {
        commit("silver.orders");
      }
    }
    commit("silver.orders");

    // then
    assertThat(statuses()).containsExactlyInAnyOrderElementsOf(expected.values());
    if (formatVersion == 3) {
      assertThat(dataFiles()).isBetween(1, 20);
      assertThat(lake.vectorsPerFile("silver.orders"))
          .allSatisfy((file, vectors) -> assertThat(vectors).isOne());
    }
  }

  /**
   * An update may take a row to another partition, and the file may lay the table out anew. Between
   * any commits another engine compacts, or the key index is lost.
   */
  @ParameterizedTest
  @ValueSource(longs = {13, 14, 15})
  void findsTheRowOfAKeyInWhicheverPartitionItIs(long seed) {
    // given
    Random random = new Random(seed);
    List<TableLayout> layouts =
        List.of(
            new TableLayout(
                List.of(new PartitionField(Transform.IDENTITY, 0, "status")),
                List.of(new SortField("amount", true))),
            new TableLayout(List.of(new PartitionField(Transform.BUCKET, 2, "id")), null),
            new TableLayout(
                List.of(new PartitionField(Transform.TRUNCATE, 100, "amount")),
                List.of(new SortField("status", false), new SortField("id", true))),
            new TableLayout(List.of(), List.of()));
    Map<Long, String> expected = new HashMap<>();

    // when
    for (int epoch = 0; epoch < 80; epoch++) {
      if (epoch % 20 == 0) {
        layOut(layouts.get((int) (seed + epoch / 20) % layouts.size()));
      }
      for (int i = 0; i < 8; i++) {
        long id = random.nextInt(120);
        if (random.nextInt(5) == 0) {
          order("d", id, "", "0.00");
          expected.remove(id);
        } else {
          String status = "status" + random.nextInt(2);
          String amount = epoch + ".0" + i;
          order(expected.containsKey(id) ? "u" : "c", id, status, amount);
          expected.put(id, status + " " + amount);
        }
      }
      end(orders);
      if (random.nextInt(3) > 0) {
        commit("silver.orders");
        switch (random.nextInt(16)) {
          case 0 -> lake.compact("silver.orders");
          case 1 -> orders.restartWithoutIndex();
          default -> {}
        }
      }
    }
    commit("silver.orders");

    // then
    assertThat(lake.rows("silver.orders"))
        .extracting(row -> row.get("status") + " " + row.get("amount"))
        .containsExactlyInAnyOrderElementsOf(expected.values());
    assertThat(LayoutCheck.of(lake.catalog().load("silver.orders"))).isNotEmpty();
  }

  /** Another process goes on, with a file that lays the table out otherwise. */
  private void layOut(TableLayout layout) {
    lake = lake.restarted(Map.of("silver.orders", TestLake.laidOut(formatVersion, layout)));
    opened.add(lake);
    orders.restartAs(tables(lake.pipeline().topicNames().changes("orders")), lake.catalog());
  }

  @Test
  void keepsItsPlaceWhenATableGetsNoRows() {
    // given: only the tombstone of a delete falls into the second epoch
    order("c", 1, "first");
    end(orders);
    List<TestRecords.Encoded> delete = records.order("d", TestRecords.order(1, "first", "1.00"));
    orders.record(delete.getFirst().key(), delete.getFirst().value());
    end(orders);
    orders.record(delete.getLast().key(), delete.getLast().value());
    List<DataFileDescriptor> empty = end(orders);
    commit("silver.orders");

    // when
    order("c", 1, "second");
    end(orders);
    commit("silver.orders");

    // then
    assertThat(empty).hasSize(2).allSatisfy(one -> assertThat(one.dataFiles()).isEmpty());
    assertThat(statuses()).containsExactly("second");
  }

  @Test
  void saysNothingWhenNothingWasRead() {
    // given
    order("c", 1, "first");
    end(orders);

    // when
    List<DataFileDescriptor> descriptors = orders.end();

    // then
    assertThat(descriptors).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void holdsTheRowsOfAViewAfterAnyChangesInAnyEpochs(long seed) {
    // given
    Random random = new Random(seed);
    take(sales, records.sale(99, "first"));
    Map<Long, String> expected = new HashMap<>(Map.of(99L, "first"));

    // when
    for (int i = 0; i < 150; i++) {
      long id = random.nextInt(6);
      if (random.nextInt(3) == 0) {
        take(sales, records.deleteSale(id));
        expected.remove(id);
      } else {
        String country = "c" + i;
        take(sales, records.sale(id, country));
        expected.put(id, country);
      }
      if (random.nextInt(4) == 0) {
        end(sales);
      }
      if (random.nextInt(12) == 0) {
        commit("silver.sales");
      }
    }
    end(sales);
    commit("silver.sales");

    // then
    Map<Object, Object> actual = new HashMap<>();
    lake.rows("silver.sales").forEach(row -> actual.put(row.get("id"), row.get("country")));
    assertThat(actual).isEqualTo(expected);
    assertThat(lake.rows("silver.sales")).hasSize(expected.size());
  }

  private void order(String op, long id, String status) {
    order(op, id, status, "1.00");
  }

  private void order(String op, long id, String status, String amount) {
    take(orders, records.order(op, TestRecords.order(id, status, amount)));
  }

  private void snapshot(long id, long lsn, long order) {
    take(
        orders,
        records.change(
            "orders",
            "r",
            TestRecords.row(TestRecords.ORDER_KEY, id),
            TestRecords.order(id, "snapshot", "1.00"),
            lsn,
            order));
  }

  private static void take(Epochs epochs, List<TestRecords.Encoded> all) {
    all.forEach(one -> epochs.record(one.key(), one.value()));
  }

  private List<DataFileDescriptor> end(Epochs epochs) {
    List<DataFileDescriptor> descriptors = epochs.end();
    commits.send(descriptors);
    return descriptors;
  }

  private void commit(String table) {
    commits.commit(table);
  }

  private int dataFiles() {
    Snapshot snapshot = lake.catalog().load("silver.orders").currentSnapshot();
    return Integer.parseInt(snapshot.summary().get("total-data-files"));
  }

  private List<Object> statuses() {
    return lake.rows("silver.orders").stream().map(row -> row.get("status")).toList();
  }
}

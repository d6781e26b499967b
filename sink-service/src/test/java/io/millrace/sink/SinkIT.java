package io.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.pipeline.LakeTableSettings;
import io.millrace.pipeline.TableDescription;
import io.millrace.pipeline.TableLayout;
import io.millrace.pipeline.TableLayout.PartitionField;
import io.millrace.pipeline.TableLayout.SortField;
import io.millrace.pipeline.TableLayout.Transform;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The whole sink on a real broker, into a real catalog. */
@ExtendWith(Servers.class)
class SinkIT {
  /** A row goes to another partition when it is paid. */
  private static final LakeTableSettings OPEN =
      new LakeTableSettings(
          null,
          null,
          new TableLayout(
              List.of(new PartitionField(Transform.IDENTITY, 0, "status")),
              List.of(new SortField("amount", true))),
          new TableDescription("Orders as they are.", "sales", Map.of("status", "open or paid")));

  private TestLake lake;
  private TestTopics topics;
  private SinkStage sink;

  @BeforeEach
  void setUp(Servers.Running servers, @TempDir Path directory) {
    lake =
        new TestLake(servers, new LocalSchemaRegistry(), directory, Map.of("silver.orders", OPEN));
    topics = new TestTopics(lake.pipeline(), lake.registry());
    sink = lake.newStage();
  }

  @AfterEach
  void tearDown() {
    sink.close();
    topics.close();
    lake.close();
  }

  @Test
  void mirrorsATableAndKeepsItsChanges() {
    // given
    topics.records().register();
    sink.start();

    // when
    topics.send(topics.records().order("r", TestRecords.order(1, "open", "1.00")));
    topics.send(topics.records().order("r", TestRecords.order(2, "open", "2.00")));
    topics.send(topics.records().order("c", TestRecords.order(3, "open", "3.00")));
    topics.flush();
    awaitRows("bronze.orders_changes", 3);
    topics.send(topics.records().order("u", TestRecords.order(1, "paid", "1.50")));
    topics.send(topics.records().order("d", TestRecords.order(2, null, "2.00")));
    topics.send(topics.records().order("c", TestRecords.order(2, "again", "9.99")));
    topics.send(topics.records().order("d", TestRecords.order(3, null, "3.00")));
    topics.flush();
    awaitRows("bronze.orders_changes", 7);

    // then
    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(
            () ->
                assertThat(lake.rows("silver.orders"))
                    .extracting(row -> row.get("id") + " " + row.get("status"))
                    .containsExactlyInAnyOrder("1 paid", "2 again"));
    assertThat(lake.rows("bronze.orders_changes"))
        .extracting(row -> row.get("_op"))
        .containsExactlyInAnyOrder("r", "r", "c", "u", "d", "c", "d");
    Table orders = lake.catalog().load("silver.orders");
    assertThat(LayoutCheck.of(orders)).containsOnlyKeys("0/1");
    assertThat(orders.properties())
        .containsEntry("comment", "Orders as they are.")
        .containsEntry("owner", "sales");
    assertThat(orders.schema().findField("status").doc()).isEqualTo("open or paid");
    awaitExpired("bronze.orders_changes");
    assertThat(lake.fatal()).isEmpty();
  }

  @Test
  void numbersTopicsThatComeTogetherByName() {
    // given
    topics.records().register();

    // when
    sink.start();

    // then
    String pipeline = lake.pipeline().pipeline();
    assertThat(sink.topology())
        .containsSubsequence(
            "read-" + pipeline + ".agg.revenue",
            "read-" + pipeline + ".cdc.clicks",
            "read-" + pipeline + ".cdc.orders",
            "read-" + pipeline + ".view.sales");
  }

  @Test
  void measuresTheFreshnessOfStreamedChangesOnly() {
    // given
    topics.records().register();
    sink.start();

    // when
    topics.send(snapshotOfOrder(1));
    topics.send(snapshotOfOrder(2));
    topics.send(topics.records().order("c", TestRecords.order(3, "open", "1.00")));
    topics.flush();
    awaitRows("silver.orders", 3);

    // then
    await()
        .atMost(Duration.ofMinutes(3))
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              var freshness =
                  lake.meters().get("millrace.lake.freshness").tag("table", "silver.orders");
              assertThat(freshness.summary().count()).isOne();
              assertThat(freshness.summary().max()).isBetween(0.0, 60.0);
              var ages =
                  lake.meters().get("millrace.lake.change.age").tag("table", "silver.orders");
              assertThat(ages.summary().takeSnapshot().histogramCounts())
                  .anySatisfy(
                      bucket -> {
                        assertThat(bucket.bucket()).isEqualTo(60);
                        assertThat(bucket.count()).isOne();
                      });
              assertThat(
                      lake.meters()
                          .get("millrace.lake.rows")
                          .tag("table", "silver.orders")
                          .counter()
                          .count())
                  .isEqualTo(3);
            });
  }

  /** Rows of one snapshot, which need no deletes, also if an epoch ends between them. */
  private List<TestRecords.Encoded> snapshotOfOrder(long id) {
    return topics
        .records()
        .change(
            "orders",
            "r",
            TestRecords.row(TestRecords.ORDER_KEY, id),
            TestRecords.order(id, "open", "1.00"),
            7,
            id);
  }

  /** The table had two commits, so one snapshot can go. */
  private void awaitExpired(String table) {
    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(() -> assertThat(lake.catalog().load(table).snapshots()).hasSizeLessThan(2));
  }

  private void awaitRows(String table, int count) {
    await()
        .atMost(Duration.ofMinutes(3))
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(lake.rows(table)).hasSize(count));
  }

  @Test
  void createsEveryTableBeforeThereAreRows() {
    // given
    List<String> tables =
        List.of(
            "bronze.orders_changes",
            "silver.orders",
            "bronze.clicks_changes",
            "silver.clicks",
            "silver.sales",
            "gold.revenue");

    // when
    topics.records().register();
    sink.start();

    // then
    await()
        .atMost(Duration.ofMinutes(3))
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(tables)
                    .allSatisfy(
                        table ->
                            assertThat(lake.catalog().load(table).properties())
                                .containsAllEntriesOf(
                                    Map.of("millrace.pipeline", lake.pipeline().pipeline()))));
  }
}

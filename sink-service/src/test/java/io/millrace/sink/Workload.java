package io.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.schemas.Row;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Random changes of few keys, so that inserts, updates and deletes of one key meet within and
 * across epochs; knows what every lake table must hold at the end.
 */
final class Workload {
  private static final int KEYS = 40;
  private static final long MINUTE = 60_000_000L;
  private static final long FIRST_WINDOW =
      Instant.parse("2026-03-01T22:00:00Z").toEpochMilli() * 1000;

  private final TestTopics topics;
  private final TestRecords records;
  private final Random random;
  private final Map<Long, String> orders = new HashMap<>();
  private final Map<Long, String> sales = new HashMap<>();
  private final Map<String, String> revenue = new HashMap<>();
  private final List<String> orderChanges = new ArrayList<>();
  private final List<String> clicks = new ArrayList<>();

  Workload(TestTopics topics, long seed) {
    this.topics = topics;
    this.records = topics.records();
    this.random = new Random(seed);
  }

  /** Makes some changes. */
  void run(int changes) {
    for (int i = 0; i < changes; i++) {
      switch (random.nextInt(4)) {
        case 0, 1 -> order();
        case 2 -> sale();
        default -> {
          click();
          revenue();
        }
      }
    }
    topics.flush();
  }

  private void order() {
    long id = random.nextInt(KEYS);
    boolean exists = orders.containsKey(id);
    boolean delete = exists && random.nextInt(3) == 0;
    String status = "s" + random.nextInt(1_000_000);
    Row row = TestRecords.order(id, status, random.nextInt(1000) + ".25");
    String op = delete ? "d" : exists ? "u" : "c";
    topics.send(records.order(op, row));
    orderChanges.add(op + " " + id + " " + status);
    if (delete) {
      orders.remove(id);
    } else {
      orders.put(id, status + " " + row.get(2));
    }
  }

  private void click() {
    String url = "/page/" + clicks.size();
    topics.send(records.click("c", clicks.size(), url));
    clicks.add(clicks.size() + " " + url);
  }

  private void sale() {
    long id = random.nextInt(KEYS);
    if (random.nextInt(3) == 0) {
      topics.send(records.deleteSale(id));
      sales.remove(id);
    } else {
      String country = "c" + random.nextInt(1_000_000);
      topics.send(records.sale(id, country));
      sales.put(id, country);
    }
  }

  private void revenue() {
    // Windows of several days: the table is partitioned.
    long window = FIRST_WINDOW + 90L * random.nextInt(KEYS) * MINUTE;
    String country = random.nextInt(4) == 0 ? null : "NP";
    String key = at(window) + " " + country;
    if (random.nextInt(3) == 0) {
      topics.send(records.deleteRevenue(window, country));
      revenue.remove(key);
    } else {
      String amount = random.nextInt(100_000) + ".50";
      topics.send(records.revenue(window, country, amount));
      revenue.put(key, amount);
    }
  }

  private static OffsetDateTime at(long micros) {
    return OffsetDateTime.ofInstant(Instant.ofEpochMilli(micros / 1000), ZoneOffset.UTC);
  }

  /** Every change is in the lake exactly once, and every table holds the rows as they are now. */
  void verify(TestLake lake) {
    assertThat(lake.rows("bronze.orders_changes"))
        .extracting(row -> row.get("_op") + " " + row.get("id") + " " + row.get("status"))
        .containsExactlyInAnyOrderElementsOf(orderChanges);
    assertThat(lake.rows("bronze.orders_changes"))
        .extracting(row -> row.get("_source_pos"))
        .doesNotHaveDuplicates();
    assertThat(lake.rows("bronze.clicks_changes"))
        .extracting(row -> row.get("id") + " " + row.get("url"))
        .containsExactlyInAnyOrderElementsOf(clicks);
    assertThat(lake.rows("silver.clicks"))
        .extracting(row -> row.get("id") + " " + row.get("url"))
        .containsExactlyInAnyOrderElementsOf(clicks);
    assertThat(lake.rows("silver.orders"))
        .extracting(row -> row.get("id") + " " + row.get("status") + " " + row.get("amount"))
        .containsExactlyInAnyOrderElementsOf(entries(orders));
    assertThat(lake.rows("silver.sales"))
        .extracting(row -> row.get("id") + " " + row.get("country"))
        .containsExactlyInAnyOrderElementsOf(entries(sales));
    assertThat(lake.rows("gold.revenue"))
        .extracting(row -> row.get("window_start") + " " + row.get("country"), Workload::revenue)
        .containsExactlyInAnyOrderElementsOf(
            revenue.entrySet().stream()
                .map(
                    row ->
                        org.assertj.core.groups.Tuple.tuple(
                            row.getKey(), new BigDecimal(row.getValue())))
                .toList());
  }

  /** Waits until the lake is as {@link #verify} wants it. */
  void awaitExact(TestLake lake) {
    await()
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofSeconds(1))
        .ignoreExceptions()
        .untilAsserted(() -> verify(lake));
    assertThat(lake.fatal()).isEmpty();
  }

  private static @Nullable Object revenue(Map<String, Object> row) {
    return row.get("revenue");
  }

  private static List<String> entries(Map<Long, String> rows) {
    return rows.entrySet().stream().map(row -> row.getKey() + " " + row.getValue()).toList();
  }
}

package io.millrace.enrichment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.testing.ViewDriver;
import java.math.BigDecimal;
import java.nio.file.Path;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EnrichmentTopologyTest {
  private static final long T = 1_700_000_000_000_000L;

  @TempDir private Path directory;

  private ViewDriver view(String sql) {
    return Shop.driver(Shop.pipeline().enrich("v", sql), directory);
  }

  private static void line(ViewDriver shop, String order, int line, String product, int quantity) {
    shop.put("order_lines", order, line, product, quantity, new BigDecimal("2.50"));
  }

  @Test
  void aProjectionFollowsInsertsUpdatesAndDeletes() {
    try (ViewDriver shop = view("SELECT customer_id, UPPER(country) AS country FROM customers")) {
      // given
      shop.put("customers", 1L, "nl", "a@x");
      shop.put("customers", 2L, null, "b@x");
      assertThat(shop.rows("v")).containsExactlyInAnyOrder(asList(1L, "NL"), asList(2L, null));

      // when
      shop.put("customers", 1L, "be", "a@x");
      shop.delete("customers", 2L);

      // then
      assertThat(shop.rows("v")).containsExactly(asList(1L, "BE"));
    }
  }

  @Test
  void aViewIsKeyedByItsOwnNameOfTheKeyColumn() {
    try (ViewDriver shop = view("SELECT customer_id AS id, country FROM customers")) {
      // when
      shop.put("customers", 7L, "nl", null);

      // then
      assertThat(shop.content("v")).containsOnlyKeys(asList(7L));
      assertThat(shop.content("v"))
          .hasEntrySatisfying(
              asList(7L), row -> assertThat(row.getSchema().getField("id")).isNotNull());
    }
  }

  @Test
  void aRowStartsAndStopsMatchingAFilter() {
    try (ViewDriver shop = view("SELECT customer_id, email FROM customers WHERE country = 'nl'")) {
      // a null condition is not true
      shop.put("customers", 1L, null, "a");
      assertThat(shop.rows("v")).isEmpty();

      shop.put("customers", 1L, "nl", "a");
      assertThat(shop.rows("v")).containsExactly(asList(1L, "a"));

      shop.put("customers", 1L, "be", "a");
      assertThat(shop.rows("v")).isEmpty();

      shop.put("customers", 1L, "nl", "b");
      shop.delete("customers", 1L);
      assertThat(shop.rows("v")).isEmpty();
    }
  }

  @Test
  void anInnerJoinWaitsForALateRightRow() {
    try (ViewDriver shop =
        view(
            "SELECT o.order_id, c.country FROM orders o"
                + " JOIN customers c ON o.customer_id = c.customer_id")) {
      // given an order before its customer
      shop.put("orders", "o1", 1L, T, "paid");
      assertThat(shop.rows("v")).isEmpty();

      // when
      shop.put("customers", 1L, "nl", null);

      // then
      assertThat(shop.rows("v")).containsExactly(asList("o1", "nl"));

      // when the customer changes, goes and comes back
      shop.put("customers", 1L, "be", null);
      assertThat(shop.rows("v")).containsExactly(asList("o1", "be"));
      shop.delete("customers", 1L);
      assertThat(shop.rows("v")).isEmpty();
      shop.put("customers", 1L, null, null);
      assertThat(shop.rows("v")).containsExactly(asList("o1", null));
    }
  }

  @Test
  void aForeignKeyMovesToAnotherRightRowAndToNone() {
    try (ViewDriver shop =
        view(
            "SELECT o.order_id, c.country FROM orders o"
                + " JOIN customers c ON o.customer_id = c.customer_id")) {
      // given
      shop.put("customers", 1L, "nl", null);
      shop.put("customers", 2L, "be", null);
      shop.put("orders", "o1", 1L, T, "paid");

      // when
      shop.put("orders", "o1", 2L, T, "paid");
      assertThat(shop.rows("v")).containsExactly(asList("o1", "be"));

      // the row left behind no longer counts
      shop.put("customers", 1L, "fr", null);
      assertThat(shop.rows("v")).containsExactly(asList("o1", "be"));

      shop.put("orders", "o1", 3L, T, "paid");
      assertThat(shop.rows("v")).isEmpty();

      shop.put("orders", "o1", 1L, T, "paid");
      assertThat(shop.rows("v")).containsExactly(asList("o1", "fr"));

      shop.put("orders", "o1", null, T, "paid");
      assertThat(shop.rows("v")).isEmpty();

      shop.delete("orders", "o1");
      shop.put("customers", 1L, "de", null);
      assertThat(shop.rows("v")).isEmpty();
    }
  }

  @Test
  void aLeftJoinKeepsRowsWithoutAMatch() {
    try (ViewDriver shop =
        view(
            "SELECT o.order_id, c.country, c.customer_id AS known FROM orders o"
                + " LEFT JOIN customers c ON o.customer_id = c.customer_id")) {
      shop.put("orders", "o1", 1L, T, "paid");
      shop.put("orders", "o2", null, T, "paid");
      assertThat(shop.rows("v"))
          .containsExactlyInAnyOrder(asList("o1", null, null), asList("o2", null, null));

      shop.put("customers", 1L, "nl", null);
      assertThat(shop.rows("v"))
          .containsExactlyInAnyOrder(asList("o1", "nl", 1L), asList("o2", null, null));

      shop.put("orders", "o2", 1L, T, "paid");
      shop.put("orders", "o1", null, T, "paid");
      assertThat(shop.rows("v"))
          .containsExactlyInAnyOrder(asList("o1", null, null), asList("o2", "nl", 1L));

      shop.delete("customers", 1L);
      assertThat(shop.rows("v"))
          .containsExactlyInAnyOrder(asList("o1", null, null), asList("o2", null, null));

      shop.delete("orders", "o1");
      shop.delete("orders", "o2");
      assertThat(shop.rows("v")).isEmpty();
    }
  }

  @Test
  void aChainOfJoinsFollowsEveryTable() {
    try (ViewDriver shop = view(Shop.SALES)) {
      // given lines before anything that they name
      line(shop, "o1", 1, "p1", 2);
      line(shop, "o1", 2, "p2", 4);
      shop.put("products", "p1", "toys");
      shop.put("orders", "o1", 1L, T, "paid");
      assertThat(shop.rows("v"))
          .containsExactly(asList("o1", 1, T, null, "toys", new BigDecimal("5.00")));

      // when
      shop.put("products", "p2", null);
      shop.put("customers", 1L, "nl", null);

      // then
      assertThat(shop.rows("v"))
          .containsExactlyInAnyOrder(
              asList("o1", 1, T, "nl", "toys", new BigDecimal("5.00")),
              asList("o1", 2, T, "nl", null, new BigDecimal("10.00")));

      // when the order is cancelled, every line goes
      shop.put("orders", "o1", 1L, T, "cancelled");
      assertThat(shop.rows("v")).isEmpty();

      // and comes back
      shop.put("orders", "o1", null, T + 1, "returned");
      shop.put("products", "p1", "games");
      line(shop, "o1", 1, "p1", 3);
      shop.delete("order_lines", "o1", 2);
      assertThat(shop.rows("v"))
          .containsExactly(asList("o1", 1, T + 1, null, "games", new BigDecimal("7.50")));
    }
  }

  @Test
  void viewsReadViews() {
    // given
    var pipeline =
        Shop.pipeline()
            .enrich("paid", "SELECT order_id, customer_id FROM orders WHERE status = 'paid'")
            .enrich(
                "paid_lines",
                "SELECT l.order_id, l.line_no, p.customer_id FROM order_lines l"
                    + " JOIN paid p ON l.order_id = p.order_id")
            .enrich("big", "SELECT order_id, line_no FROM paid_lines WHERE customer_id > 5");
    try (ViewDriver shop = Shop.driver(pipeline, directory)) {
      shop.put("orders", "o1", 6L, T, "paid");
      shop.put("orders", "o2", 6L, T, "new");
      line(shop, "o1", 1, "p1", 1);
      line(shop, "o2", 1, "p1", 1);
      assertThat(shop.rows("paid")).containsExactly(asList("o1", 6L));
      assertThat(shop.rows("paid_lines")).containsExactly(asList("o1", 1, 6L));
      assertThat(shop.rows("big")).containsExactly(asList("o1", 1));

      // when
      shop.put("orders", "o1", 4L, T, "paid");
      shop.put("orders", "o2", 9L, T, "paid");

      // then
      assertThat(shop.rows("big")).containsExactly(asList("o2", 1));

      // when
      shop.delete("orders", "o2");
      assertThat(shop.rows("paid_lines")).containsExactly(asList("o1", 1, 4L));
      assertThat(shop.rows("big")).isEmpty();
    }
  }

  @Test
  void viewsShareATableAndReadDifferentColumns() {
    // given
    var pipeline =
        Shop.pipeline()
            .enrich("a", "SELECT customer_id, country FROM customers")
            .enrich("b", "SELECT email, customer_id FROM customers")
            .enrich(
                "c",
                "SELECT o.order_id, c.email FROM orders o"
                    + " JOIN customers c ON o.customer_id = c.customer_id");
    try (ViewDriver shop = Shop.driver(pipeline, directory)) {
      // when
      shop.put("customers", 1L, "nl", "a@x");
      shop.put("orders", "o1", 1L, T, "paid");

      // then
      assertThat(shop.rows("a")).containsExactly(asList(1L, "nl"));
      assertThat(shop.rows("b")).containsExactly(asList("a@x", 1L));
      assertThat(shop.rows("c")).containsExactly(asList("o1", "a@x"));
    }
  }

  @Test
  void aJoinedRowCarriesTheGreatestMetadata() {
    try (ViewDriver shop =
        view(
            "SELECT o.order_id, c.country FROM orders o"
                + " LEFT JOIN customers c ON o.customer_id = c.customer_id")) {
      shop.put("customers", 1L, "nl", null);
      shop.put("orders", "o1", 1L, T, "paid");
      assertThat(shop.sourceSecond("v", "o1")).isEqualTo(2);

      shop.put("customers", 1L, "be", null);
      assertThat(shop.sourceSecond("v", "o1")).isEqualTo(3);

      // also of what is gone
      shop.delete("customers", 1L);
      assertThat(shop.rows("v")).containsExactly(asList("o1", null));
      assertThat(shop.sourceSecond("v", "o1")).isEqualTo(4);
    }
  }

  @Test
  void aRowOnWhichAnExpressionFailsIsADeadLetterAndNoRow() {
    try (ViewDriver shop =
        view("SELECT order_id, line_no, 100 / quantity AS share FROM order_lines")) {
      // given
      line(shop, "o1", 1, "p1", 2);
      line(shop, "o1", 2, "p1", 5);
      assertThat(shop.rows("v")).hasSize(2);

      // when
      line(shop, "o1", 1, "p1", 0);

      // then what the row was is taken back, and the rest goes on
      assertThat(shop.rows("v")).containsExactly(asList("o1", 2, 20));
      assertThat(shop.deadLetters()).hasSize(1);
      var letter = shop.deadLetters().getFirst();
      assertThat(header(letter, "millrace.operator")).startsWith("v-");
      assertThat(header(letter, "__streams.errors.exception")).contains("Arithmetic");
      assertThat(header(letter, "__streams.errors.topic")).isEqualTo("shop.cdc.order_lines");
      assertThat(header(letter, "millrace.view")).isEqualTo("v");
      assertThat(letter.headers().lastHeader("millrace.derived")).isNull();

      // when it is mended
      line(shop, "o1", 1, "p1", 4);

      // then
      assertThat(shop.rows("v")).contains(asList("o1", 1, 25));
      assertThat(shop.deadLetters()).hasSize(1);
    }
  }

  @Test
  void aJoinedRowThatIsTooLargeIsADeadLetterAndNoRow() {
    try (ViewDriver shop =
        view(
            "SELECT o.order_id, o.status, c.country FROM orders o JOIN customers c"
                + " ON o.customer_id = c.customer_id")) {
      // given
      String half = "x".repeat(600_000);
      shop.put("customers", 1L, "nl", null);
      shop.put("orders", "o1", 1L, T, half);
      assertThat(shop.rows("v")).hasSize(1);

      // when
      shop.put("customers", 1L, half, null);

      // then
      assertThat(shop.rows("v")).isEmpty();
      var letter = shop.deadLetters().getFirst();
      assertThat(header(letter, "millrace.view")).isEqualTo("v");
      assertThat(header(letter, "millrace.derived")).isEqualTo("true");
      assertThat(header(letter, "__streams.errors.message")).contains("max.request.size");

      // when
      shop.put("customers", 1L, "be", null);

      // then
      assertThat(shop.rows("v")).containsExactly(asList("o1", half, "be"));
    }
  }

  private static String header(TestRecord<byte[], byte[]> letter, String name) {
    return new String(letter.headers().lastHeader(name).value(), UTF_8);
  }

  @Test
  void anUndecodableRecordIsADeadLetter() {
    try (ViewDriver shop = view("SELECT customer_id, country FROM customers")) {
      // given
      shop.put("customers", 1L, "nl", null);

      // when
      byte[] key = {0, 0, 0, 0, 1, 2};
      byte[] value = {1, 2, 3};
      shop.send("shop.cdc.customers", key, value);
      shop.send("shop.cdc.customers", new byte[] {9}, value);
      shop.put("customers", 2L, "be", null);

      // then the row whose newest change cannot be read is missing, not outdated
      assertThat(shop.rows("v")).containsExactly(asList(2L, "be"));
      // (TopologyTestDriver itself loses the letter of the unreadable key)
      assertThat(shop.deadLetters()).hasSize(1);
      assertThat(shop.deadLetters().getFirst().getKey()).isEqualTo(key);
      assertThat(shop.deadLetters().getFirst().getValue()).isEqualTo(value);
      assertThat(shop.meters().get("millrace.dead.letters").counter().count()).isEqualTo(2);
      assertThat(shop.meters().get("millrace.records.in").counter().count()).isEqualTo(2);

      // when it changes again
      shop.put("customers", 1L, "de", null);

      // then
      assertThat(shop.rows("v")).contains(asList(1L, "de"));
    }
  }
}

package io.millrace.local.shop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.shop.RetailReplay.Options.Cancellations;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The simulated and the recorded shop on a real PostgreSQL. */
final class ShopLoadIT {
  private static final String HEADER =
      "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

  private static EmbeddedPostgres postgres;
  @TempDir Path directory;

  @BeforeAll
  static void start() throws Exception {
    postgres = EmbeddedPostgres.builder().setServerConfig("timezone", "UTC").start();
  }

  @AfterAll
  static void stop() throws Exception {
    postgres.close();
  }

  @BeforeEach
  void createTables() throws Exception {
    try (Connection connection = DriverManager.getConnection(url());
        Statement statement = connection.createStatement()) {
      statement.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    }
    Shop.createTables(url());
    Shop.createTables(url());
  }

  @Test
  void theSimulatedShopDoesEverything() throws Exception {
    // given
    ShopSimulator shop = new ShopSimulator(1);

    // when
    boolean more = shop.run(url(), Pace.flatOut(), () -> shop.progress().transactions() > 3_000);

    // then
    assertThat(more).isTrue();
    assertThat(shop.progress().changes()).isGreaterThan(8_000);
    assertThat(rows("SELECT DISTINCT status FROM orders ORDER BY 1"))
        .containsExactly("cancelled", "paid", "placed", "returned");
    assertThat(rows("SELECT count(*) > 0 FROM orders WHERE customer_id IS NULL"))
        .containsExactly("t");
    assertThat(rows("SELECT count(*) > 500 FROM page_views")).containsExactly("t");
    assertThat(rows("SELECT count(*) > 0 FROM order_lines WHERE quantity = 0"))
        .containsExactly("t");
  }

  @Test
  void equalSeedsMakeEqualShops() throws Exception {
    // given
    String fingerprint =
        "SELECT count(*), sum(quantity * unit_price), min(order_id) FROM order_lines";

    // when
    ShopSimulator first = new ShopSimulator(7);
    first.run(url(), Pace.flatOut(), () -> first.progress().transactions() > 1_000);
    List<String> one = rows(fingerprint);
    createTables();
    ShopSimulator second = new ShopSimulator(7);
    second.run(url(), Pace.flatOut(), () -> second.progress().transactions() > 1_000);

    // then
    assertThat(rows(fingerprint)).isEqualTo(one);
  }

  @Test
  void aSimulatorGoesOnWithTheShopOfAnEarlierOne() throws Exception {
    // given
    ShopSimulator earlier = new ShopSimulator(1);
    earlier.run(url(), Pace.flatOut(), () -> earlier.progress().transactions() > 700);
    List<String> unpaid = rows("SELECT order_id FROM orders WHERE status = 'placed'");

    // when
    ShopSimulator later = new ShopSimulator(1);
    later.run(url(), Pace.flatOut(), () -> later.progress().transactions() > 2_000);

    // then
    assertThat(later.progress().changes()).isGreaterThan(2_000);
    assertThat(rows("SELECT order_id FROM orders WHERE status = 'paid'"))
        .containsAnyElementsOf(unpaid);
  }

  @Test
  void cancellationsChangeOrDeleteWhatTheyCancel() throws Exception {
    // given
    write(
        "1,A,Hook,5,2010-12-01 08:00:00,2.00,7.0,France",
        "1,B,,3,2010-12-01 08:00:00,1.00,7.0,France",
        "2,A,Hook,9,2010-12-01 09:00:00,2.00,7.0,France",
        "3,B,Lamp,1,2010-12-01 09:30:00,2.00,,France",
        "C4,A,Hook,-2,2010-12-01 10:00:00,2.00,7.0,France",
        "C4,B,Lamp,-3,2010-12-01 10:00:00,1.00,7.0,France",
        "C5,A,Hook,-7,2010-12-01 11:00:00,2.00,7.0,France",
        "C6,Z,Odd,-1,2010-12-01 12:00:00,2.00,7.0,France");

    // when
    replay(Cancellations.APPLIED, 1);

    // then
    assertThat(rows("SELECT order_id, line_no, quantity FROM order_lines ORDER BY 1, 2"))
        .containsExactly("1|1|5", "2|1|7", "3|1|1", "C6|1|-1");
    assertThat(rows("SELECT order_id, customer_id, status FROM orders ORDER BY 1"))
        .containsExactly("1|7|paid", "2|7|cancelled", "3|null|paid", "C6|7|cancelled");
    assertThat(rows("SELECT product_id, description, category FROM products ORDER BY 1"))
        .containsExactly("A|Hook|other", "B|Lamp|other", "Z|Odd|other");
  }

  @Test
  void inTheBenchmarkCancellationsAreOrdersAndCopiesAreShifted() throws Exception {
    // given
    write(
        "1,A,Hook,5,2010-12-01 08:00:00,2.00,7.0,France",
        "C2,A,Hook,-5,2010-12-01 09:00:00,2.00,7.0,France");

    // when
    replay(Cancellations.AS_ORDERS, 2);

    // then
    assertThat(rows("SELECT order_id, customer_id, status FROM orders ORDER BY 1"))
        .containsExactly("1|7|paid", "1-1|100007|paid", "C2|7|cancelled", "C2-1|100007|cancelled");
    assertThat(rows("SELECT product_id FROM products ORDER BY 1")).containsExactly("A", "A-1");
  }

  @Test
  void aReplayGoesOnWhereItStopped() throws Exception {
    // given
    write(
        "1,A,Hook,5,2010-12-01 08:00:00,2.00,7.0,France",
        "2,A,Hook,5,2010-12-01 09:00:00,2.00,7.0,France");
    try (RetailReplay replay = open(Cancellations.APPLIED, 1)) {
      // when
      boolean more = replay.run(url(), Pace.flatOut(), () -> replay.progress().transactions() == 1);

      // then
      assertThat(more).isTrue();
      assertThat(rows("SELECT order_id FROM orders")).containsExactly("1");

      // when
      more = replay.run(url(), Pace.flatOut(), () -> false);

      // then
      assertThat(more).isFalse();
      assertThat(rows("SELECT order_id FROM orders ORDER BY 1")).containsExactly("1", "2");
      assertThat(replay.progress().changes()).isEqualTo(6);
    }
  }

  private RetailReplay open(Cancellations cancellations, int copies) {
    return new RetailReplay(
        directory, new RetailReplay.Options(cancellations, copies, /* aftermath= */ false));
  }

  private void replay(Cancellations cancellations, int copies) throws Exception {
    try (RetailReplay replay = open(cancellations, copies)) {
      replay.run(url(), Pace.flatOut(), () -> false);
    }
  }

  private void write(String... lines) throws Exception {
    Files.writeString(directory.resolve("all.csv"), HEADER + String.join("\n", lines) + "\n");
  }

  private static String url() {
    return postgres.getJdbcUrl("postgres", "postgres");
  }

  private static List<String> rows(String sql) throws Exception {
    try (Connection connection = DriverManager.getConnection(url());
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (result.next()) {
        List<String> cells = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          cells.add(String.valueOf(result.getString(i)));
        }
        rows.add(String.join("|", cells));
      }
      return rows;
    }
  }
}

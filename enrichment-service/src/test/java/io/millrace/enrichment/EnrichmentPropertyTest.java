package io.millrace.enrichment;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.testing.ViewDriver;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/** Whatever happened to the tables: at rest a view's topic holds what its SQL says of them. */
final class EnrichmentPropertyTest {
  private static final String NAMES =
      "SELECT o.order_id, o.status, c.country FROM orders o"
          + " LEFT JOIN customers c ON o.customer_id = c.customer_id"
          + " WHERE c.country IS NULL OR c.country <> 'be'";
  private static final String BULK =
      "SELECT s.order_id, s.line_no, s.amount, n.country FROM sales s"
          + " JOIN names n ON s.order_id = n.order_id WHERE s.amount > 4";

  private final Map<List<Object>, @Nullable Object[]> customers = new HashMap<>();
  private final Map<List<Object>, @Nullable Object[]> products = new HashMap<>();
  private final Map<List<Object>, @Nullable Object[]> orders = new HashMap<>();
  private final Map<List<Object>, @Nullable Object[]> lines = new HashMap<>();

  @Property(tries = 12, shrinking = ShrinkingMode.OFF)
  void viewsEqualTheirSql(@ForAll long seed, @ForAll @IntRange(min = 1, max = 150) int changes)
      throws IOException {
    // given
    List.of(customers, products, orders, lines).forEach(Map::clear);
    var pipeline =
        Shop.pipeline().enrich("sales", Shop.SALES).enrich("names", NAMES).enrich("bulk", BULK);
    Random random = new Random(seed);
    Path directory = Files.createTempDirectory("views");
    try (ViewDriver shop = Shop.driver(pipeline, directory)) {
      // when
      for (int i = 0; i < changes; i++) {
        change(shop, random);
      }

      // then
      assertThat(shop.rows("sales")).containsExactlyInAnyOrderElementsOf(sales());
      assertThat(shop.rows("names")).containsExactlyInAnyOrderElementsOf(names());
      assertThat(shop.rows("bulk")).containsExactlyInAnyOrderElementsOf(bulk());
    }
  }

  private void change(ViewDriver shop, Random random) {
    long customer = random.nextInt(3);
    String product = "p" + random.nextInt(2);
    String order = "o" + random.nextInt(3);
    int line = random.nextInt(3);
    switch (random.nextInt(9)) {
      case 0 ->
          put(shop, "customers", customers, 1, customer, oneOf(random, "nl", "be", null), "x");
      case 1 -> delete(shop, "customers", customers, customer);
      case 2 -> put(shop, "products", products, 1, product, oneOf(random, "toys", "games", null));
      case 3 -> delete(shop, "products", products, product);
      case 4, 5 ->
          put(
              shop,
              "orders",
              orders,
              1,
              order,
              random.nextInt(4) == 0 ? null : (Long) customer,
              1_000L * random.nextInt(5),
              oneOf(random, "paid", "cancelled", "new"));
      case 6 -> delete(shop, "orders", orders, order);
      case 7 -> delete(shop, "order_lines", lines, order, line);
      default ->
          put(
              shop,
              "order_lines",
              lines,
              2,
              order,
              line,
              product,
              random.nextInt(4),
              new BigDecimal("1.25").multiply(BigDecimal.valueOf(random.nextInt(4))));
    }
  }

  private static @Nullable String oneOf(Random random, @Nullable String... values) {
    return values[random.nextInt(values.length)];
  }

  private static void put(
      ViewDriver shop,
      String table,
      Map<List<Object>, @Nullable Object[]> rows,
      int keys,
      @Nullable Object... row) {
    shop.put(table, row);
    rows.put(Arrays.asList(Arrays.copyOf(row, keys)), row);
  }

  private static void delete(
      ViewDriver shop, String table, Map<List<Object>, @Nullable Object[]> rows, Object... key) {
    shop.delete(table, key);
    rows.remove(Arrays.asList(key));
  }

  private List<List<@Nullable Object>> sales() {
    List<List<@Nullable Object>> expected = new ArrayList<>();
    for (@Nullable Object[] line : lines.values()) {
      @Nullable Object[] order = orders.get(Arrays.asList(line[0]));
      @Nullable Object[] product = products.get(Arrays.asList(line[2]));
      if (order == null || product == null || "cancelled".equals(order[3])) {
        continue;
      }
      @Nullable Object[] customer = customers.get(Arrays.asList(order[1]));
      Object country = customer == null ? null : customer[1];
      BigDecimal amount = ((BigDecimal) line[4]).multiply(BigDecimal.valueOf((Integer) line[3]));
      expected.add(Arrays.asList(line[0], line[1], order[2], country, product[1], amount));
    }
    return expected;
  }

  private List<List<@Nullable Object>> names() {
    List<List<@Nullable Object>> expected = new ArrayList<>();
    for (@Nullable Object[] order : orders.values()) {
      @Nullable Object[] customer = customers.get(Arrays.asList(order[1]));
      Object country = customer == null ? null : customer[1];
      if (!"be".equals(country)) {
        expected.add(Arrays.asList(order[0], order[3], country));
      }
    }
    return expected;
  }

  private List<List<@Nullable Object>> bulk() {
    List<List<@Nullable Object>> expected = new ArrayList<>();
    for (List<@Nullable Object> sale : sales()) {
      for (List<@Nullable Object> name : names()) {
        if (sale.get(0).equals(name.get(0))
            && ((BigDecimal) sale.get(5)).compareTo(BigDecimal.valueOf(4)) > 0) {
          expected.add(Arrays.asList(sale.get(0), sale.get(1), sale.get(5), name.get(2)));
        }
      }
    }
    return expected;
  }
}

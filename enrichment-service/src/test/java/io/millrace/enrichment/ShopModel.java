package io.millrace.enrichment;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The shop's tables in memory, changed at random, and what the views' SQL says of them. */
final class ShopModel {
  static final String NAMES =
      "SELECT o.order_id, o.status, c.country FROM orders o"
          + " LEFT JOIN customers c ON o.customer_id = c.customer_id"
          + " WHERE c.country IS NULL OR c.country <> 'be'";
  static final String BULK =
      "SELECT s.order_id, s.line_no, s.amount, n.country FROM sales s"
          + " JOIN names n ON s.order_id = n.order_id WHERE s.amount > 4";

  private final Map<List<Object>, @Nullable Object[]> customers = new HashMap<>();
  private final Map<List<Object>, @Nullable Object[]> products = new HashMap<>();
  private final Map<List<Object>, @Nullable Object[]> orders = new HashMap<>();
  private final Map<List<Object>, @Nullable Object[]> lines = new HashMap<>();
  private final Random random;
  private final int size;

  /** Where changes go. */
  interface Tables {
    void put(String table, @Nullable Object... row);

    void delete(String table, @Nullable Object... key);
  }

  /**
   * An empty shop.
   *
   * @param size how many different orders there can be; of the rest in proportion
   */
  ShopModel(long seed, int size) {
    this.random = new Random(seed);
    this.size = size;
  }

  /** Changes a row of some table, here and there. */
  void change(Tables tables) {
    long customer = random.nextInt(Math.max(3, size / 10));
    String product = "p" + random.nextInt(2);
    String order = "o" + random.nextInt(size);
    int line = random.nextInt(3);
    switch (random.nextInt(12)) {
      case 0 -> put(tables, "customers", customers, 1, customer, oneOf("nl", "be", null), "x");
      case 1 -> delete(tables, "customers", customers, customer);
      case 2 -> put(tables, "products", products, 1, product, oneOf("toys", "games", null));
      case 3 -> delete(tables, "products", products, product);
      case 4, 5 ->
          put(
              tables,
              "orders",
              orders,
              1,
              order,
              random.nextInt(4) == 0 ? null : (Long) customer,
              1_000L * random.nextInt(5),
              oneOf("paid", "cancelled", "new"));
      case 6 -> delete(tables, "orders", orders, order);
      case 7 -> delete(tables, "order_lines", lines, order, line);
      default ->
          put(
              tables,
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

  private @Nullable String oneOf(@Nullable String... values) {
    return values[random.nextInt(values.length)];
  }

  private static void put(
      Tables tables,
      String table,
      Map<List<Object>, @Nullable Object[]> rows,
      int keys,
      @Nullable Object... row) {
    tables.put(table, row);
    rows.put(Arrays.asList(Arrays.copyOf(row, keys)), row);
  }

  private static void delete(
      Tables tables, String table, Map<List<Object>, @Nullable Object[]> rows, Object... key) {
    tables.delete(table, key);
    rows.remove(Arrays.asList(key));
  }

  /** Rows of {@link Shop#SALES}. */
  List<List<@Nullable Object>> sales() {
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

  /** Rows of {@link #NAMES}. */
  List<List<@Nullable Object>> names() {
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

  /** Rows of {@link #BULK}. */
  List<List<@Nullable Object>> bulk() {
    Map<@Nullable Object, List<@Nullable Object>> names = new HashMap<>();
    names().forEach(name -> names.put(name.getFirst(), name));
    List<List<@Nullable Object>> expected = new ArrayList<>();
    for (List<@Nullable Object> sale : sales()) {
      List<@Nullable Object> name = names.get(sale.getFirst());
      if (name != null && ((BigDecimal) sale.get(5)).compareTo(BigDecimal.valueOf(4)) > 0) {
        expected.add(Arrays.asList(sale.get(0), sale.get(1), sale.get(5), name.get(2)));
      }
    }
    return expected;
  }
}

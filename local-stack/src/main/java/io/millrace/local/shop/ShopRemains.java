package io.millrace.local.shop;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * What a {@link ShopSimulator} has left in its database.
 *
 * @param customers their ids
 * @param products their ids
 * @param unpaid orders that can be paid or cancelled
 * @param paid orders that can come back
 * @param lastCustomer the greatest id, 0 for none; likewise the others, of the simulator's own form
 */
record ShopRemains(
    List<Long> customers,
    List<String> products,
    List<ShopSimulator.Order> unpaid,
    List<ShopSimulator.Order> paid,
    long lastCustomer,
    long lastProduct,
    long lastOrder,
    long lastView) {

  static ShopRemains read(String jdbcUrl) throws SQLException {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement()) {
      return new ShopRemains(
          customers(statement),
          products(statement),
          orders(statement, "placed"),
          orders(statement, "paid"),
          number(statement, "SELECT max(customer_id) FROM customers"),
          number(
              statement,
              "SELECT max(substring(product_id FROM '^P(\\d+)$')::bigint) FROM products"),
          number(statement, "SELECT max(substring(order_id FROM '^S(\\d+)$')::bigint) FROM orders"),
          number(statement, "SELECT max(view_id) FROM page_views"));
    }
  }

  /** Whether there is nothing to go on with. */
  boolean isEmpty() {
    return customers.isEmpty() || products.isEmpty();
  }

  private static List<Long> customers(Statement statement) throws SQLException {
    List<Long> ids = new ArrayList<>();
    try (ResultSet row = statement.executeQuery("SELECT customer_id FROM customers ORDER BY 1")) {
      while (row.next()) {
        ids.add(row.getLong(1));
      }
    }
    return ids;
  }

  private static List<String> products(Statement statement) throws SQLException {
    List<String> ids = new ArrayList<>();
    try (ResultSet row = statement.executeQuery("SELECT product_id FROM products ORDER BY 1")) {
      while (row.next()) {
        ids.add(row.getString(1));
      }
    }
    return ids;
  }

  /** Orders without lines are left out: there is nothing that could come back. */
  private static List<ShopSimulator.Order> orders(Statement statement, String status)
      throws SQLException {
    List<ShopSimulator.Order> orders = new ArrayList<>();
    try (ResultSet row =
        statement.executeQuery(
            """
            SELECT order_id, array_agg(l.product_id ORDER BY l.line_no)
            FROM orders o JOIN order_lines l USING (order_id)
            WHERE o.status = '%s' GROUP BY order_id ORDER BY order_id
            """
                .formatted(status))) {
      while (row.next()) {
        String[] products = (String[]) row.getArray(2).getArray();
        orders.add(new ShopSimulator.Order(row.getString(1), List.of(products)));
      }
    }
    return orders;
  }

  private static long number(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}

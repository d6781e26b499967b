package io.millrace.local.shop;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Changes rows of the shop. Equal statements in a row go to the server as one batch; what is called
 * first is executed first. Nothing is visible before {@link #commit}.
 */
final class ShopWriter implements AutoCloseable {
  private static final String LINE_KEY = " WHERE order_id = ? AND line_no = ?";

  private final Connection connection;
  private final LoadProgress progress;
  private final Map<String, PreparedStatement> statements = new HashMap<>();
  private @Nullable PreparedStatement batched;
  private long changed;

  ShopWriter(String jdbcUrl, LoadProgress progress) throws SQLException {
    String separator = jdbcUrl.contains("?") ? "&" : "?";
    this.connection =
        DriverManager.getConnection(jdbcUrl + separator + "reWriteBatchedInserts=true");
    this.progress = progress;
    connection.setAutoCommit(false);
  }

  void insertCustomer(long id, @Nullable String country, @Nullable String email, Instant signedUp)
      throws SQLException {
    add("INSERT INTO customers VALUES (?, ?, ?, ?)", id, country, email, signedUp);
  }

  void moveCustomer(long id, String country) throws SQLException {
    add("UPDATE customers SET country = ? WHERE customer_id = ?", country, id);
  }

  void deleteCustomer(long id) throws SQLException {
    add("DELETE FROM customers WHERE customer_id = ?", id);
  }

  void insertProduct(
      String id, @Nullable String description, @Nullable String category, BigDecimal price)
      throws SQLException {
    add("INSERT INTO products VALUES (?, ?, ?, ?)", id, description, category, price);
  }

  void describeProduct(String id, String description) throws SQLException {
    add("UPDATE products SET description = ? WHERE product_id = ?", description, id);
  }

  void recategorizeProduct(String id, String category) throws SQLException {
    add("UPDATE products SET category = ? WHERE product_id = ?", category, id);
  }

  void repriceProduct(String id, BigDecimal price) throws SQLException {
    add("UPDATE products SET price = ? WHERE product_id = ?", price, id);
  }

  void deleteProduct(String id) throws SQLException {
    add("DELETE FROM products WHERE product_id = ?", id);
  }

  void insertOrder(String id, @Nullable Long customer, Instant placedAt, String status)
      throws SQLException {
    add(
        "INSERT INTO orders VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        id,
        customer,
        placedAt,
        status);
  }

  void setStatus(String order, String status) throws SQLException {
    add("UPDATE orders SET status = ? WHERE order_id = ?", status, order);
  }

  void deleteOrder(String id) throws SQLException {
    add("DELETE FROM order_lines WHERE order_id = ?", id);
    add("DELETE FROM orders WHERE order_id = ?", id);
  }

  void insertLine(String order, int line, String product, int quantity, BigDecimal price)
      throws SQLException {
    add("INSERT INTO order_lines VALUES (?, ?, ?, ?, ?)", order, line, product, quantity, price);
  }

  void setQuantity(String order, int line, int quantity) throws SQLException {
    add("UPDATE order_lines SET quantity = ?" + LINE_KEY, quantity, order, line);
  }

  void deleteLine(String order, int line) throws SQLException {
    add("DELETE FROM order_lines" + LINE_KEY, order, line);
  }

  void insertPageView(long id, @Nullable Long customer, String url, Instant viewedAt)
      throws SQLException {
    add("INSERT INTO page_views VALUES (?, ?, ?, ?)", id, customer, url, viewedAt);
  }

  /**
   * Ends the transaction.
   *
   * @return rows that it changed
   */
  long commit() throws SQLException {
    flush();
    connection.commit();
    long rows = changed;
    changed = 0;
    progress.committed(rows);
    return rows;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }

  private void add(String sql, @Nullable Object... values) throws SQLException {
    PreparedStatement statement = statements.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      statements.put(sql, statement);
    }
    if (!statement.equals(batched)) {
      flush();
      batched = statement;
    }
    for (int i = 0; i < values.length; i++) {
      set(statement, i + 1, values[i]);
    }
    statement.addBatch();
  }

  private static void set(PreparedStatement statement, int index, @Nullable Object value)
      throws SQLException {
    switch (value) {
      case null -> statement.setNull(index, Types.NULL);
      case Instant instant -> statement.setObject(index, instant.atOffset(ZoneOffset.UTC));
      default -> statement.setObject(index, value);
    }
  }

  private void flush() throws SQLException {
    if (batched != null) {
      for (int count : batched.executeBatch()) {
        // a batch that was rewritten to one INSERT does not tell rows apart
        changed += count == PreparedStatement.SUCCESS_NO_INFO ? 1 : count;
      }
      batched = null;
    }
  }
}

package io.millrace.benchmarks.workload;

import io.millrace.benchmarks.workload.RetailTransaction.Customer;
import io.millrace.benchmarks.workload.RetailTransaction.Invoice;
import io.millrace.benchmarks.workload.RetailTransaction.Line;
import io.millrace.benchmarks.workload.RetailTransaction.LineDeletion;
import io.millrace.benchmarks.workload.RetailTransaction.Product;
import io.millrace.benchmarks.workload.RetailTransaction.Recategorization;
import io.millrace.benchmarks.workload.RetailTransaction.Relocation;
import io.millrace.benchmarks.workload.RetailTransaction.Return;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/** Writes transactions over one connection, most of them in one round trip. */
final class TransactionWriter implements AutoCloseable {
  private final Connection connection;
  private final PreparedStatement order;
  private final PreparedStatement customer;
  private final PreparedStatement products;
  private final PreparedStatement status;
  private final PreparedStatement deletion;
  private final PreparedStatement category;
  private final PreparedStatement country;

  @SuppressWarnings("MustBeClosed") // closed by close
  TransactionWriter(Connection connection) throws SQLException {
    this.connection = connection;
    // the lines select from the order so that it is written first
    this.order =
        connection.prepareStatement(
            """
            WITH placed AS (INSERT INTO orders VALUES (?, ?, ?, ?) RETURNING order_id)
            INSERT INTO order_lines
            SELECT order_id, line_no, product_id, quantity, unit_price
            FROM placed, unnest(?::text[], ?::int[], ?::numeric[])
              WITH ORDINALITY AS line (product_id, quantity, unit_price, line_no)
            """);
    this.customer =
        connection.prepareStatement(
            "INSERT INTO customers VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
    this.products =
        connection.prepareStatement(
            "INSERT INTO products SELECT * FROM unnest(?::text[], ?::text[], ?::text[])"
                + " ON CONFLICT DO NOTHING");
    this.status =
        connection.prepareStatement("UPDATE orders SET status = 'returned' WHERE order_id = ?");
    this.deletion =
        connection.prepareStatement("DELETE FROM order_lines WHERE order_id = ? AND line_no = ?");
    this.category =
        connection.prepareStatement("UPDATE products SET category = ? WHERE product_id = ?");
    this.country =
        connection.prepareStatement("UPDATE customers SET country = ? WHERE customer_id = ?");
  }

  void write(RetailTransaction transaction) throws SQLException {
    switch (transaction) {
      case Invoice invoice -> place(invoice);
      case Return change -> {
        status.setString(1, change.orderId());
        one(status);
      }
      case LineDeletion change -> {
        deletion.setString(1, change.orderId());
        deletion.setInt(2, change.lineNo());
        one(deletion);
      }
      case Recategorization change -> {
        category.setString(1, change.category());
        category.setString(2, change.productId());
        one(category);
      }
      case Relocation change -> {
        country.setString(1, change.country());
        country.setLong(2, change.customerId());
        one(country);
      }
    }
  }

  private void place(Invoice invoice) throws SQLException {
    if (invoice.newCustomers().isEmpty() && invoice.newProducts().isEmpty()) {
      insertOrder(invoice);
      return;
    }
    connection.setAutoCommit(false);
    for (Customer found : invoice.newCustomers()) {
      insert(found);
    }
    if (!invoice.newProducts().isEmpty()) {
      insert(invoice.newProducts());
    }
    insertOrder(invoice);
    connection.commit();
    connection.setAutoCommit(true);
  }

  private void insert(Customer found) throws SQLException {
    customer.setLong(1, found.id());
    customer.setString(2, found.country());
    customer.setString(3, found.email());
    customer.executeUpdate();
  }

  private void insert(List<Product> found) throws SQLException {
    // in one order everywhere, so that two connections cannot wait for each other
    List<Product> sorted = found.stream().sorted(Comparator.comparing(Product::id)).toList();
    array(products, 1, "text", sorted, Product::id);
    array(products, 2, "text", sorted, Product::description);
    array(products, 3, "text", sorted, Product::category);
    products.executeUpdate();
  }

  private void insertOrder(Invoice invoice) throws SQLException {
    order.setString(1, invoice.orderId());
    order.setObject(2, invoice.customerId(), Types.BIGINT);
    order.setObject(3, invoice.placedAt());
    order.setString(4, invoice.status());
    array(order, 5, "text", invoice.lines(), Line::productId);
    array(order, 6, "int4", invoice.lines(), Line::quantity);
    array(order, 7, "numeric", invoice.lines(), Line::unitPrice);
    order.executeUpdate();
  }

  private <T> void array(
      PreparedStatement statement, int index, String type, List<T> rows, Function<T, Object> value)
      throws SQLException {
    statement.setArray(index, connection.createArrayOf(type, rows.stream().map(value).toArray()));
  }

  /**
   * A later change of a row that an earlier transaction wrote: if it is not there, the load is
   * wrong.
   */
  private static void one(PreparedStatement statement) throws SQLException {
    int rows = statement.executeUpdate();
    if (rows != 1) {
      throw new SQLException("a later change met " + rows + " rows instead of one");
    }
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement statement :
        List.of(order, customer, products, status, deletion, category, country)) {
      statement.close();
    }
  }
}

package io.millrace.local.shop;

import java.sql.SQLException;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * What happens later to some of the rows, each a transaction of its own: 5 % of the orders are
 * returned, 2 % of the products change category, 1 % of the customers change country and 1 % of the
 * lines are deleted. The data set does not record these; the seed decides.
 */
final class Aftermath {
  private static final double RETURNED = 0.05;
  private static final double RECATEGORIZED = 0.02;
  private static final double MOVED = 0.01;
  private static final double DELETED = 0.01;
  private static final int SOONEST = 10;
  private static final int LATEST = 1_000;

  @FunctionalInterface
  private interface Change {
    void apply(ShopWriter writer) throws SQLException;
  }

  private record Later(long invoice, long number, Change change) {}

  private final Random random;
  private final boolean happens;
  private final SalesLedger ledger;
  private final PriorityQueue<Later> waiting =
      new PriorityQueue<>(
          Comparator.comparingLong(Later::invoice).thenComparingLong(Later::number));
  private long invoice;
  private long number;

  Aftermath(long seed, boolean happens, SalesLedger ledger) {
    this.happens = happens;
    this.random = new Random(seed);
    this.ledger = ledger;
  }

  void metCustomer(long customer) {
    maybe(MOVED, writer -> writer.moveCustomer(customer, "Malta"));
  }

  void metProduct(String product) {
    maybe(RECATEGORIZED, writer -> writer.recategorizeProduct(product, "clearance"));
  }

  void placedOrder(String order) {
    maybe(RETURNED, writer -> writer.setStatus(order, "returned"));
  }

  void soldLine(String order, int line) {
    maybe(
        DELETED,
        writer -> {
          ledger.forget(order, line);
          writer.deleteLine(order, line);
        });
  }

  void invoiceDone() {
    invoice++;
  }

  /**
   * Whether one is due.
   *
   * @param moreInvoices false makes every one due
   */
  boolean due(boolean moreInvoices) {
    Later next = waiting.peek();
    return next != null && (!moreInvoices || next.invoice <= invoice);
  }

  /** Applies the next one. */
  void apply(ShopWriter writer) throws SQLException {
    waiting.remove().change.apply(writer);
  }

  private void maybe(double probability, Change change) {
    if (happens && random.nextDouble() < probability) {
      long due = invoice + random.nextInt(SOONEST, LATEST);
      waiting.add(new Later(due, number++, change));
    }
  }
}

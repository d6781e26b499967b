package io.millrace.local.shop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The Online Retail data set as the transactions that it records: an invoice is one transaction of
 * its order, its lines (numbered in the order of the file, so that repeated ones stay apart) and
 * the customers and products that it is the first to name.
 */
public final class RetailReplay implements ShopLoad, AutoCloseable {
  private static final long CUSTOMERS_PER_COPY = 100_000;
  private static final long SEED = 1;

  /**
   * How to replay.
   *
   * @param cancellations what an invoice with a leading C does
   * @param copies how often to replay the whole data set; the second and later with shifted ids
   * @param aftermath whether some orders are returned, some products change category, some
   *     customers move and some lines are deleted later, which the data set does not record
   */
  public record Options(Cancellations cancellations, int copies, boolean aftermath) {
    /** What an invoice with a leading C does. */
    public enum Cancellations {
      /**
       * It changes or deletes the lines that it takes back, or cancels their order when none is
       * left; lines of it that match no earlier purchase become an order with status cancelled.
       */
      APPLIED,
      /** It becomes an order with status cancelled. */
      AS_ORDERS
    }

    /** What happened: cancellations take back what they cancel. */
    public static Options recorded() {
      return new Options(Cancellations.APPLIED, 1, true);
    }

    /** The common workload {@code retail}: cancellations are orders of their own. */
    public static Options benchmark(int copies) {
      return new Options(Cancellations.AS_ORDERS, copies, true);
    }
  }

  private final Path dataset;
  private final Options options;
  private final LoadProgress progress = new LoadProgress();
  private final Aftermath aftermath;
  private final SalesLedger ledger = new SalesLedger();
  private final Set<Long> customers = new HashSet<>();
  private final Map<String, Boolean> described = new HashMap<>();
  private final Map<String, Integer> linesOf = new HashMap<>();
  private RetailCsv invoices;
  private int copy;

  /**
   * Opens the data set.
   *
   * @param dataset directory of its files
   * @throws IllegalArgumentException if there are none
   */
  public RetailReplay(Path dataset, Options options) {
    this.dataset = dataset;
    this.options = options;
    this.invoices = new RetailCsv(dataset);
    this.aftermath = new Aftermath(SEED, options.aftermath(), ledger);
  }

  @Override
  public LoadProgress progress() {
    return progress;
  }

  @Override
  public boolean run(String jdbcUrl, Pace pace, BooleanSupplier stop)
      throws SQLException, InterruptedException {
    try (ShopWriter writer = new ShopWriter(jdbcUrl, progress)) {
      while (!stop.getAsBoolean()) {
        if (aftermath.due(invoices.hasNext() || copy + 1 < options.copies())) {
          aftermath.apply(writer);
        } else if (invoices.hasNext()) {
          replay(shifted(invoices.next()), writer);
          aftermath.invoiceDone();
        } else if (copy + 1 < options.copies()) {
          nextCopy();
          continue;
        } else {
          return false;
        }
        pace.after(writer.commit());
      }
      return true;
    }
  }

  @Override
  public void close() {
    try {
      invoices.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void nextCopy() {
    close();
    copy++;
    invoices = new RetailCsv(dataset);
  }

  private void replay(Invoice invoice, ShopWriter writer) throws SQLException {
    meetCustomer(invoice, writer);
    meetProducts(invoice, writer);
    boolean applied = invoice.cancels() && options.cancellations() == Options.Cancellations.APPLIED;
    List<Invoice.Line> lines = applied ? takeBack(invoice, writer) : invoice.lines();
    if (!lines.isEmpty()) {
      order(invoice, lines, writer);
    }
  }

  private void meetCustomer(Invoice invoice, ShopWriter writer) throws SQLException {
    Long customer = invoice.customer();
    if (customer != null && customers.add(customer)) {
      String email = "customer" + customer + "@example.com";
      writer.insertCustomer(customer, invoice.country(), email, invoice.date());
      aftermath.metCustomer(customer);
    }
  }

  private void meetProducts(Invoice invoice, ShopWriter writer) throws SQLException {
    Map<String, String> descriptions = new LinkedHashMap<>();
    for (Invoice.Line line : invoice.lines()) {
      String product = line.product();
      String description = line.description();
      Boolean known = described.get(product);
      if (known == null) {
        writer.insertProduct(product, description, category(product), line.price());
        described.put(product, description != null);
        aftermath.metProduct(product);
      } else if (!known && description != null) {
        descriptions.put(product, description);
        described.put(product, true);
      }
    }
    for (var late : descriptions.entrySet()) {
      writer.describeProduct(late.getKey(), late.getValue());
    }
  }

  /** Stock codes begin with a number of the assortment; the few others are not goods. */
  private static String category(String product) {
    return Character.isDigit(product.charAt(0)) && product.length() > 1
        ? "assortment " + product.substring(0, 2)
        : "other";
  }

  private void order(Invoice invoice, List<Invoice.Line> lines, ShopWriter writer)
      throws SQLException {
    String status = invoice.cancels() ? "cancelled" : "paid";
    String order = invoice.number();
    writer.insertOrder(order, invoice.customer(), invoice.date(), status);
    for (Invoice.Line line : lines) {
      int number = linesOf.merge(order, 1, Integer::sum);
      writer.insertLine(order, number, line.product(), line.quantity(), line.price());
      aftermath.soldLine(order, number);
      if (invoice.customer() != null && line.quantity() > 0) {
        ledger.sold(order, number, invoice.customer(), line.product(), line.quantity());
      }
    }
    if (!invoice.cancels()) {
      aftermath.placedOrder(order);
    }
  }

  /** Takes back what the invoice cancels; returns its lines that match no earlier purchase. */
  private List<Invoice.Line> takeBack(Invoice invoice, ShopWriter writer) throws SQLException {
    List<Invoice.Line> unmatched = new ArrayList<>();
    Set<SalesLedger.Sale> touched = new LinkedHashSet<>();
    for (Invoice.Line line : invoice.lines()) {
      SalesLedger.Sale sale = sale(invoice.customer(), line);
      if (sale == null) {
        unmatched.add(line);
      } else {
        touched.add(sale);
      }
    }
    Set<String> cancelled = new HashSet<>();
    for (SalesLedger.Sale sale : touched) {
      if (cancelled.contains(sale.order())) {
        continue;
      }
      if (ledger.takenBack(sale.order())) {
        cancelled.add(sale.order());
        ledger.forget(sale.order());
        writer.setStatus(sale.order(), "cancelled");
      } else if (sale.quantity() > 0) {
        writer.setQuantity(sale.order(), sale.line(), sale.quantity());
      }
    }
    for (SalesLedger.Sale sale : touched) {
      if (sale.quantity() == 0 && !cancelled.contains(sale.order())) {
        ledger.forget(sale.order(), sale.line());
        writer.deleteLine(sale.order(), sale.line());
      }
    }
    return unmatched;
  }

  private SalesLedger.@Nullable Sale sale(@Nullable Long customer, Invoice.Line line) {
    return customer == null || line.quantity() >= 0
        ? null
        : ledger.take(customer, line.product(), -line.quantity()).orElse(null);
  }

  private Invoice shifted(Invoice invoice) {
    if (copy == 0) {
      return invoice;
    }
    Long customer = invoice.customer();
    return new Invoice(
        invoice.number() + "-" + copy,
        invoice.date(),
        customer == null ? null : customer + copy * CUSTOMERS_PER_COPY,
        invoice.country(),
        invoice.lines().stream()
            .map(
                line ->
                    new Invoice.Line(
                        line.product() + "-" + copy,
                        line.description(),
                        line.quantity(),
                        line.price()))
            .toList());
  }
}

package io.millrace.benchmarks.workload;

import io.millrace.benchmarks.workload.RetailTransaction.Customer;
import io.millrace.benchmarks.workload.RetailTransaction.Line;
import io.millrace.benchmarks.workload.RetailTransaction.LineDeletion;
import io.millrace.benchmarks.workload.RetailTransaction.Product;
import io.millrace.benchmarks.workload.RetailTransaction.Recategorization;
import io.millrace.benchmarks.workload.RetailTransaction.Relocation;
import io.millrace.benchmarks.workload.RetailTransaction.Return;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The retailer's months as transactions, the same for the same seed.
 *
 * <p>An invoice is a transaction: its order, its lines, and the customers and products that are
 * seen for the first time. Some of what it wrote changes later, each change a transaction of its
 * own some invoices on: 5 % of the orders that are no cancellations become returned, 2 % of the
 * products change category, 1 % of the customers change country, 1 % of the lines are deleted.
 *
 * <p>Further copies repeat the orders under other ids, over the same customers and products.
 */
public final class RetailWorkload {
  /** What an invoice whose number begins with C becomes. */
  static final String CANCELLED = "cancelled";

  private static final double RETURNED = 0.05;
  private static final double RECATEGORIZED = 0.02;
  private static final double RELOCATED = 0.01;
  private static final double DELETED = 0.01;
  private static final int MIN_DELAY = 20;
  private static final int MAX_DELAY = 2000;

  private static final List<String> CATEGORIES =
      List.of("bags", "christmas", "garden", "gifts", "home", "kitchen", "lighting", "stationery");
  private static final List<String> COUNTRIES =
      List.of("United Kingdom", "Germany", "France", "EIRE", "Spain", "Netherlands", "Norway");

  private final List<RetailTransaction> first = new ArrayList<>();
  private final int inFirstMonth;

  private RetailWorkload(List<List<OnlineRetail.Invoice>> months, long seed) {
    Builder builder = new Builder(seed, first);
    int boundary = 0;
    for (int month = 0; month < months.size(); month++) {
      months.get(month).forEach(builder::place);
      if (month == 0) {
        boundary = first.size();
      }
    }
    builder.flush();
    this.inFirstMonth = months.size() == 1 ? first.size() : boundary;
  }

  /**
   * Reads the data set.
   *
   * @param months how many months, from the first
   * @throws io.millrace.benchmarks.BenchmarkException if the data is not there
   */
  public static RetailWorkload read(Path dataset, int months, long seed) {
    return new RetailWorkload(OnlineRetail.read(dataset, months), seed);
  }

  /** All transactions of a copy, in order. Copy 0 is the one that brings customers and products. */
  public Stream<RetailTransaction> copy(int copy) {
    if (copy == 0) {
      return first.stream();
    }
    String suffix = "-" + copy;
    return first.stream()
        .filter(RetailTransaction::repeated)
        .map(transaction -> transaction.shifted(suffix));
  }

  /** The first month of copy 0. */
  public Stream<RetailTransaction> firstMonth() {
    return first.subList(0, inFirstMonth).stream();
  }

  /** Copy 0 after its first month. */
  public Stream<RetailTransaction> laterMonths() {
    return first.subList(inFirstMonth, first.size()).stream();
  }

  private static String category(String product) {
    return CATEGORIES.get(Math.floorMod(product.hashCode(), CATEGORIES.size()));
  }

  /**
   * A change that comes once {@code due} transactions have been written; ties as they were made.
   */
  private record Later(int due, int order, RetailTransaction change) {}

  private static final class Builder {
    private final SplittableRandom random;
    private final List<RetailTransaction> written;
    private final Set<Long> customers = new HashSet<>();
    private final Set<String> products = new HashSet<>();
    private final PriorityQueue<Later> later =
        new PriorityQueue<>(Comparator.comparingInt(Later::due).thenComparingInt(Later::order));
    private int planned;

    Builder(long seed, List<RetailTransaction> written) {
      this.random = new SplittableRandom(seed);
      this.written = written;
    }

    void place(OnlineRetail.Invoice invoice) {
      Customer customer = newCustomer(invoice);
      List<Product> found = new ArrayList<>();
      List<Line> lines = new ArrayList<>();
      for (OnlineRetail.Line line : invoice.lines()) {
        if (products.add(line.product())) {
          found.add(new Product(line.product(), line.description(), category(line.product())));
        }
        lines.add(new Line(line.product(), line.quantity(), line.unitPrice()));
      }
      written.add(
          new RetailTransaction.Invoice(
              invoice.number(),
              invoice.customer(),
              invoice.placedAt(),
              invoice.cancellation() ? CANCELLED : "paid",
              List.copyOf(lines),
              customer == null ? List.of() : List.of(customer),
              List.copyOf(found)));
      planOrder(invoice);
      found.forEach(this::planProduct);
      if (customer != null) {
        planCustomer(customer);
      }
      while (!later.isEmpty() && later.element().due() <= written.size()) {
        written.add(later.remove().change());
      }
    }

    /** Writes what is still to come. */
    void flush() {
      while (!later.isEmpty()) {
        written.add(later.remove().change());
      }
    }

    private @Nullable Customer newCustomer(OnlineRetail.Invoice invoice) {
      Long id = invoice.customer();
      return id == null || !customers.add(id)
          ? null
          : new Customer(id, invoice.country(), "customer" + id + "@example.com");
    }

    private void planOrder(OnlineRetail.Invoice invoice) {
      if (!invoice.cancellation() && chance(RETURNED)) {
        plan(new Return(invoice.number()));
      }
      for (int line = 1; line <= invoice.lines().size(); line++) {
        if (chance(DELETED)) {
          plan(new LineDeletion(invoice.number(), line));
        }
      }
    }

    private void planProduct(Product product) {
      if (chance(RECATEGORIZED)) {
        plan(new Recategorization(product.id(), another(CATEGORIES, product.category())));
      }
    }

    private void planCustomer(Customer customer) {
      if (chance(RELOCATED)) {
        plan(new Relocation(customer.id(), another(COUNTRIES, customer.country())));
      }
    }

    private void plan(RetailTransaction change) {
      int due = written.size() + random.nextInt(MIN_DELAY, MAX_DELAY);
      later.add(new Later(due, planned++, change));
    }

    private boolean chance(double probability) {
      return random.nextDouble() < probability;
    }

    private String another(List<String> values, String than) {
      List<String> others = values.stream().filter(value -> !value.equals(than)).toList();
      return others.get(random.nextInt(others.size()));
    }
  }
}

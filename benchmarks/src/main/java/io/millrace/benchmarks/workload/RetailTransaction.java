package io.millrace.benchmarks.workload;

import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One transaction of the shop. */
public sealed interface RetailTransaction {
  /** Rows that it inserts, updates or deletes. */
  int changes();

  /**
   * The same transaction of another copy of the shop's orders. Copies share customers and products.
   *
   * @param suffix appended to order ids
   */
  RetailTransaction shifted(String suffix);

  /** Whether it belongs to every copy: those that touch a customer or a product alone do not. */
  default boolean repeated() {
    return true;
  }

  /** A customer as first seen. */
  record Customer(long id, String country, String email) {}

  /** A product as first seen. */
  record Product(String id, @Nullable String description, String category) {}

  /** A line of an invoice; lines are numbered from 1 in the invoice's order. */
  record Line(String productId, int quantity, BigDecimal unitPrice) {}

  /**
   * An invoice: its order, its lines and the customers and products that no earlier one named.
   *
   * @param customerId null when the shop did not know
   */
  record Invoice(
      String orderId,
      @Nullable Long customerId,
      OffsetDateTime placedAt,
      String status,
      List<Line> lines,
      List<Customer> newCustomers,
      List<Product> newProducts)
      implements RetailTransaction {
    @Override
    public int changes() {
      return 1 + lines.size() + newCustomers.size() + newProducts.size();
    }

    @Override
    public Invoice shifted(String suffix) {
      return new Invoice(
          orderId + suffix, customerId, placedAt, status, lines, List.of(), List.of());
    }
  }

  /** An order becomes {@code returned}. */
  record Return(String orderId) implements RetailTransaction {
    @Override
    public int changes() {
      return 1;
    }

    @Override
    public Return shifted(String suffix) {
      return new Return(orderId + suffix);
    }
  }

  /** A line is deleted. */
  record LineDeletion(String orderId, int lineNo) implements RetailTransaction {
    @Override
    public int changes() {
      return 1;
    }

    @Override
    public LineDeletion shifted(String suffix) {
      return new LineDeletion(orderId + suffix, lineNo);
    }
  }

  /** A product moves to another category. */
  record Recategorization(String productId, String category) implements RetailTransaction {
    @Override
    public int changes() {
      return 1;
    }

    @Override
    public Recategorization shifted(String suffix) {
      return this;
    }

    @Override
    public boolean repeated() {
      return false;
    }
  }

  /** A customer moves to another country. */
  record Relocation(long customerId, String country) implements RetailTransaction {
    @Override
    public int changes() {
      return 1;
    }

    @Override
    public Relocation shifted(String suffix) {
      return this;
    }

    @Override
    public boolean repeated() {
      return false;
    }
  }
}

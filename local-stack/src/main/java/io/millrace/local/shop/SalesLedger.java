package io.millrace.local.shop;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What known customers hold: the lines of their orders that nothing has taken back yet. */
final class SalesLedger {
  private record Holding(long customer, String product) {}

  /** A line of an order; its quantity falls as cancellations take from it. */
  static final class Sale {
    private final String order;
    private final int line;
    private final Holding holding;
    private int quantity;

    private Sale(String order, int line, Holding holding, int quantity) {
      this.order = order;
      this.line = line;
      this.holding = holding;
      this.quantity = quantity;
    }

    String order() {
      return order;
    }

    int line() {
      return line;
    }

    /** What is left of it. */
    int quantity() {
      return quantity;
    }
  }

  private final Map<Holding, List<Sale>> byHolding = new HashMap<>();
  private final Map<String, Map<Integer, Sale>> byOrder = new HashMap<>();

  void sold(String order, int line, long customer, String product, int quantity) {
    Sale sale = new Sale(order, line, new Holding(customer, product), quantity);
    byHolding.computeIfAbsent(sale.holding, absent -> new ArrayList<>(2)).add(sale);
    byOrder.computeIfAbsent(order, absent -> new LinkedHashMap<>()).put(line, sale);
  }

  /** Takes a quantity from the customer's latest purchase of the product that holds as much. */
  Optional<Sale> take(long customer, String product, int quantity) {
    List<Sale> sales = byHolding.getOrDefault(new Holding(customer, product), List.of());
    for (Sale sale : sales.reversed()) {
      if (sale.quantity >= quantity) {
        sale.quantity -= quantity;
        return Optional.of(sale);
      }
    }
    return Optional.empty();
  }

  /** Whether every line of the order is taken back wholly. */
  boolean takenBack(String order) {
    return sales(order).stream().allMatch(sale -> sale.quantity == 0);
  }

  /** Forgets a line that the database no longer has, if it is here. */
  void forget(String order, int line) {
    Map<Integer, Sale> sales = byOrder.getOrDefault(order, Map.of());
    Sale sale = sales.get(line);
    if (sale != null) {
      sales.remove(line);
      byHolding.getOrDefault(sale.holding, List.of()).remove(sale);
    }
  }

  /** Forgets an order. */
  void forget(String order) {
    List.copyOf(sales(order)).forEach(sale -> forget(order, sale.line));
    byOrder.remove(order);
  }

  private Collection<Sale> sales(String order) {
    return byOrder.getOrDefault(order, Map.of()).values();
  }
}

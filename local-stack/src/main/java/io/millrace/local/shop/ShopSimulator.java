package io.millrace.local.shop;

import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A shop that is open: sign-ups, moves, price changes, orders with their lines in one transaction,
 * payments, cancellations, returns, deletions and page views. The seed decides what happens, the
 * clock when. It begins with some customers, products and orders of the last hour, or with what an
 * earlier one has left in the database.
 */
public final class ShopSimulator implements ShopLoad {
  private static final int FIRST_CUSTOMERS = 300;
  private static final int FIRST_PRODUCTS = 150;
  private static final int FIRST_ORDERS = 500;
  private static final List<String> COUNTRIES =
      List.of("Germany", "France", "Spain", "Portugal", "Österreich", "日本", "Ireland", "Norway");
  private static final List<String> CATEGORIES =
      List.of("garden", "kitchen", "toys", "paper", "light");

  /** An order that can still change, with the products of its lines. */
  record Order(String id, List<String> products) {}

  private final Random random;
  private final Clock clock;
  private final LoadProgress progress = new LoadProgress();
  private final List<Long> customers = new ArrayList<>();
  private final List<String> products = new ArrayList<>();
  private final List<Order> unpaid = new ArrayList<>();
  private final List<Order> paid = new ArrayList<>();
  private long customerIds;
  private long productIds;
  private long orderIds;
  private long viewIds;
  private boolean opened;

  /** A shop whose clock is the system's. */
  public ShopSimulator(long seed) {
    this(seed, Clock.systemUTC());
  }

  ShopSimulator(long seed, Clock clock) {
    this.random = new Random(seed);
    this.clock = clock;
  }

  @Override
  public LoadProgress progress() {
    return progress;
  }

  /**
   * Takes over what the shop has, or fills an empty one with what it begins with; {@link #run} does
   * it if this was not called.
   */
  public void open(String jdbcUrl) throws SQLException {
    opened = true;
    ShopRemains remains = ShopRemains.read(jdbcUrl);
    if (remains.isEmpty()) {
      fill(jdbcUrl);
    } else {
      takeOver(remains);
    }
  }

  private void takeOver(ShopRemains remains) {
    customers.addAll(remains.customers());
    products.addAll(remains.products());
    unpaid.addAll(remains.unpaid());
    paid.addAll(remains.paid());
    customerIds = remains.lastCustomer();
    productIds = remains.lastProduct();
    orderIds = remains.lastOrder();
    viewIds = remains.lastView();
  }

  private void fill(String jdbcUrl) throws SQLException {
    try (ShopWriter writer = new ShopWriter(jdbcUrl, progress)) {
      for (int i = 0; i < FIRST_CUSTOMERS; i++) {
        signUp(writer);
      }
      for (int i = 0; i < FIRST_PRODUCTS; i++) {
        list(writer);
      }
      writer.commit();
      for (int i = 0; i < FIRST_ORDERS; i++) {
        order(writer, now().minus(Duration.ofSeconds(random.nextInt(3_600))));
        writer.commit();
      }
    }
  }

  @Override
  public boolean run(String jdbcUrl, Pace pace, BooleanSupplier stop)
      throws SQLException, InterruptedException {
    if (!opened) {
      open(jdbcUrl);
    }
    try (ShopWriter writer = new ShopWriter(jdbcUrl, progress)) {
      while (!stop.getAsBoolean()) {
        happen(writer);
        pace.after(writer.commit());
      }
    }
    return true;
  }

  private void happen(ShopWriter writer) throws SQLException {
    int dice = random.nextInt(100);
    if (dice < 30) {
      order(writer, now());
    } else if (dice < 55) {
      view(writer);
    } else if (dice < 75) {
      pay(writer);
    } else if (dice < 81) {
      cancel(writer);
    } else if (dice < 86) {
      returnGoods(writer);
    } else if (dice < 90) {
      signUp(writer);
    } else if (dice < 92) {
      writer.moveCustomer(any(customers), any(COUNTRIES));
    } else if (dice < 95) {
      writer.repriceProduct(any(products), price());
    } else if (dice < 97) {
      writer.recategorizeProduct(any(products), any(CATEGORIES));
    } else {
      clearUp(writer, dice);
    }
  }

  private void signUp(ShopWriter writer) throws SQLException {
    long id = ++customerIds;
    customers.add(id);
    String email = random.nextInt(10) == 0 ? null : "customer" + id + "@example.com";
    writer.insertCustomer(id, any(COUNTRIES), email, now());
  }

  private void list(ShopWriter writer) throws SQLException {
    String id = "P%05d".formatted(++productIds);
    products.add(id);
    String description = random.nextInt(10) == 0 ? null : "Product no. " + productIds;
    writer.insertProduct(id, description, any(CATEGORIES), price());
  }

  private void order(ShopWriter writer, Instant placedAt) throws SQLException {
    List<String> bought = new ArrayList<>();
    String id = "S%08d".formatted(++orderIds);
    writer.insertOrder(id, perhapsCustomer(), placedAt, "placed");
    int lines = 1 + random.nextInt(6);
    for (int line = 1; line <= lines; line++) {
      String product = any(products);
      bought.add(product);
      writer.insertLine(id, line, product, 1 + random.nextInt(9), price());
    }
    unpaid.add(new Order(id, bought));
  }

  private void view(ShopWriter writer) throws SQLException {
    int pages = 1 + random.nextInt(5);
    for (int i = 0; i < pages; i++) {
      writer.insertPageView(++viewIds, perhapsCustomer(), "/product/" + any(products), now());
    }
  }

  private void pay(ShopWriter writer) throws SQLException {
    if (!unpaid.isEmpty()) {
      Order order = takeAny(unpaid);
      paid.add(order);
      writer.setStatus(order.id, "paid");
    }
  }

  private void cancel(ShopWriter writer) throws SQLException {
    if (!unpaid.isEmpty()) {
      writer.setStatus(takeAny(unpaid).id, "cancelled");
    }
  }

  /** A whole order comes back, or a part of one line, or that line altogether. */
  private void returnGoods(ShopWriter writer) throws SQLException {
    if (paid.isEmpty()) {
      return;
    }
    Order order = takeAny(paid);
    int line = 1 + random.nextInt(order.products.size());
    switch (random.nextInt(3)) {
      case 0 -> writer.setStatus(order.id, "returned");
      case 1 -> writer.setQuantity(order.id, line, 0);
      default -> writer.deleteLine(order.id, line);
    }
  }

  /** Deletions, some of which the next statement takes back. */
  private void clearUp(ShopWriter writer, int dice) throws SQLException {
    if (dice == 97 && !paid.isEmpty()) {
      writer.deleteOrder(takeAny(paid).id);
    } else if (dice == 98 && customers.size() > FIRST_CUSTOMERS) {
      writer.deleteCustomer(takeAny(customers));
    } else {
      String product = any(products);
      writer.deleteProduct(product);
      writer.insertProduct(product, "Relisted", any(CATEGORIES), price());
      list(writer);
    }
  }

  private @Nullable Long perhapsCustomer() {
    return random.nextInt(5) == 0 ? null : any(customers);
  }

  private BigDecimal price() {
    return BigDecimal.valueOf(50 + random.nextInt(9_950), 2);
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** Removes in constant time: the last element takes the place. */
  private <T> T takeAny(List<T> list) {
    int index = random.nextInt(list.size());
    T taken = list.get(index);
    T last = list.removeLast();
    if (index < list.size()) {
      list.set(index, last);
    }
    return taken;
  }
}

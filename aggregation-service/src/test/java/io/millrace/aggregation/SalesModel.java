package io.millrace.aggregation;

import static java.util.Arrays.asList;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A table and a view of sales in memory, changed at random, and what the aggregates' SQL says. */
final class SalesModel {
  static final String PER_COUNTRY =
      "SELECT country, COUNT(*) AS n, COUNT(quantity) AS c, SUM(quantity) AS q, SUM(weight) AS w,"
          + " AVG(amount) AS a FROM lines WHERE quantity IS NULL OR quantity > 0 GROUP BY country";

  private static final long MINUTE = 60_000_000L;

  private record Line(
      @Nullable String country,
      long at,
      @Nullable Integer quantity,
      @Nullable Long weight,
      @Nullable BigDecimal amount) {}

  private final Map<Long, Line> lines = new HashMap<>();
  private final Map<Long, Line> sales = new HashMap<>();
  private final Random random;
  private final int size;

  /** Where changes go. */
  interface Inputs {
    void putLine(@Nullable Object... row);

    void deleteLine(long id);

    void putSale(@Nullable Object... row);

    void deleteSale(long id);
  }

  /**
   * Nothing sold yet.
   *
   * @param size how many different rows there can be
   */
  SalesModel(long seed, int size) {
    this.random = new Random(seed);
    this.size = size;
  }

  /** Changes a row of either. */
  void change(Inputs inputs) {
    long id = random.nextInt(size);
    Line line =
        new Line(
            random.nextInt(3) == 0 ? null : "c" + random.nextInt(2),
            (random.nextInt(5) - 2) * MINUTE / 2,
            random.nextInt(4) == 0 ? null : (Integer) random.nextInt(3),
            random.nextInt(4) == 0 ? null : (Long) random.nextLong(1L << 50),
            random.nextInt(4) == 0 ? null : BigDecimal.valueOf(random.nextInt(500), 2));
    switch (random.nextInt(5)) {
      case 0 -> {
        inputs.deleteLine(id);
        lines.remove(id);
      }
      case 1 -> {
        inputs.deleteSale(id);
        sales.remove(id);
      }
      case 2, 3 -> {
        inputs.putLine(id, line.country, line.at, line.quantity, line.weight, line.amount);
        lines.put(id, line);
      }
      default -> {
        inputs.putSale(id, line.country, line.at, line.amount);
        sales.put(id, line);
      }
    }
  }

  /** An average as {@link #perCountry} gives it. */
  static @Nullable Object toCents(@Nullable Object average) {
    return average == null ? null : ((BigDecimal) average).setScale(2, RoundingMode.HALF_UP);
  }

  /** Rows of {@link #PER_COUNTRY}, the averages to two digits. */
  List<List<@Nullable Object>> perCountry() {
    Map<@Nullable String, List<Line>> groups = new HashMap<>();
    for (Line line : lines.values()) {
      if (line.quantity == null || line.quantity > 0) {
        groups.computeIfAbsent(line.country, any -> new ArrayList<>()).add(line);
      }
    }
    List<List<@Nullable Object>> expected = new ArrayList<>();
    groups.forEach((country, group) -> expected.add(row(country, group)));
    return expected;
  }

  private static List<@Nullable Object> row(@Nullable String country, List<Line> group) {
    List<Integer> quantities = group.stream().map(Line::quantity).filter(Objects::nonNull).toList();
    List<Long> weights = group.stream().map(Line::weight).filter(Objects::nonNull).toList();
    List<BigDecimal> amounts = group.stream().map(Line::amount).filter(Objects::nonNull).toList();
    Object average =
        amounts.isEmpty()
            ? null
            : sum(amounts).divide(BigDecimal.valueOf(amounts.size()), 2, RoundingMode.HALF_UP);
    return asList(
        country,
        (long) group.size(),
        (long) quantities.size(),
        quantities.isEmpty() ? null : sum(quantities).longValueExact(),
        weights.isEmpty() ? null : sum(weights),
        average);
  }

  /** Rows of {@link Sales#REVENUE_PER_MINUTE}. */
  List<List<@Nullable Object>> revenuePerMinute() {
    Map<List<@Nullable Object>, List<Line>> groups = new HashMap<>();
    for (Line line : sales.values()) {
      long start = Math.floorDiv(line.at, MINUTE) * MINUTE;
      groups
          .computeIfAbsent(asList(start, start + MINUTE, line.country), any -> new ArrayList<>())
          .add(line);
    }
    List<List<@Nullable Object>> expected = new ArrayList<>();
    groups.forEach(
        (key, group) -> {
          List<BigDecimal> amounts =
              group.stream().map(Line::amount).filter(Objects::nonNull).toList();
          List<@Nullable Object> row = new ArrayList<>(key);
          row.add(amounts.isEmpty() ? null : sum(amounts));
          row.add((long) group.size());
          expected.add(row);
        });
    return expected;
  }

  private static BigDecimal sum(List<? extends Number> values) {
    return values.stream()
        .map(
            value ->
                value instanceof BigDecimal decimal
                    ? decimal
                    : BigDecimal.valueOf(value.longValue()))
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }
}

package io.millrace.aggregation;

import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.testing.ViewDriver;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/** Whatever happened to the rows: at rest an aggregate holds what its SQL says of them. */
final class AggregationPropertyTest {
  private static final long MINUTE = 60_000_000L;
  private static final String PER_COUNTRY =
      "SELECT country, COUNT(*) AS n, COUNT(quantity) AS c, SUM(quantity) AS q, SUM(weight) AS w,"
          + " AVG(amount) AS a FROM lines WHERE quantity IS NULL OR quantity > 0 GROUP BY country";

  private record Line(
      @Nullable String country,
      long at,
      @Nullable Integer quantity,
      @Nullable Long weight,
      @Nullable BigDecimal amount) {}

  private final Map<Long, Line> lines = new HashMap<>();
  private final Map<Long, Line> sales = new HashMap<>();

  @Property(tries = 12, shrinking = ShrinkingMode.OFF)
  void aggregatesEqualTheirSql(@ForAll long seed, @ForAll @IntRange(min = 1, max = 200) int changes)
      throws IOException {
    // given
    List.of(lines, sales).forEach(Map::clear);
    var pipeline =
        Sales.pipeline()
            .aggregate("per_country", PER_COUNTRY)
            .aggregate("revenue_per_minute", Sales.REVENUE_PER_MINUTE);
    Random random = new Random(seed);
    try (ViewDriver driver = Sales.driver(pipeline, Files.createTempDirectory("views"))) {
      // when
      for (int i = 0; i < changes; i++) {
        change(driver, random);
      }

      // then
      List<List<@Nullable Object>> perCountry = driver.rows("per_country");
      perCountry.forEach(row -> row.set(5, scaled(row.get(5))));
      assertThat(perCountry).containsExactlyInAnyOrderElementsOf(perCountry());
      assertThat(driver.rows("revenue_per_minute"))
          .containsExactlyInAnyOrderElementsOf(revenuePerMinute());
    }
  }

  private void change(ViewDriver driver, Random random) {
    long id = random.nextInt(6);
    Line line =
        new Line(
            random.nextInt(3) == 0 ? null : "c" + random.nextInt(2),
            (random.nextInt(5) - 2) * MINUTE / 2,
            random.nextInt(4) == 0 ? null : random.nextInt(3),
            random.nextInt(4) == 0 ? null : random.nextLong(1L << 50),
            random.nextInt(4) == 0 ? null : BigDecimal.valueOf(random.nextInt(500), 2));
    switch (random.nextInt(5)) {
      case 0 -> {
        driver.delete("lines", id);
        lines.remove(id);
      }
      case 1 -> {
        driver.deleteView("sales", id, null, 0L, null);
        sales.remove(id);
      }
      case 2, 3 -> {
        driver.put("lines", id, line.country, line.at, line.quantity, line.weight, line.amount);
        lines.put(id, line);
      }
      default -> {
        driver.putView("sales", id, line.country, line.at, line.amount);
        sales.put(id, line);
      }
    }
  }

  private static @Nullable Object scaled(@Nullable Object average) {
    return average == null ? null : ((BigDecimal) average).setScale(2, RoundingMode.HALF_UP);
  }

  private List<List<@Nullable Object>> perCountry() {
    Map<@Nullable String, List<Line>> groups = new HashMap<>();
    for (Line line : lines.values()) {
      if (line.quantity == null || line.quantity > 0) {
        groups.computeIfAbsent(line.country, any -> new ArrayList<>()).add(line);
      }
    }
    List<List<@Nullable Object>> expected = new ArrayList<>();
    groups.forEach(
        (country, group) -> {
          List<Integer> quantities =
              group.stream().map(Line::quantity).filter(Objects::nonNull).toList();
          List<Long> weights = group.stream().map(Line::weight).filter(Objects::nonNull).toList();
          List<BigDecimal> amounts =
              group.stream().map(Line::amount).filter(Objects::nonNull).toList();
          expected.add(
              asList(
                  country,
                  (long) group.size(),
                  (long) quantities.size(),
                  quantities.isEmpty()
                      ? null
                      : quantities.stream().mapToLong(Integer::intValue).sum(),
                  weights.isEmpty() ? null : sum(weights),
                  amounts.isEmpty()
                      ? null
                      : sum(amounts)
                          .divide(BigDecimal.valueOf(amounts.size()), 2, RoundingMode.HALF_UP)));
        });
    return expected;
  }

  private List<List<@Nullable Object>> revenuePerMinute() {
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

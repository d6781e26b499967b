package io.millrace.aggregation;

import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.testing.ViewDriver;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AggregationTopologyTest {
  private static final long MINUTE = 60_000_000L;

  @TempDir private Path directory;

  private ViewDriver view(String sql) {
    return Sales.driver(Sales.pipeline().aggregate("v", sql), directory);
  }

  private static void line(
      ViewDriver sales, long id, @Nullable String country, @Nullable Integer quantity) {
    sales.put("lines", id, country, 0L, quantity, null, null);
  }

  private static void amount(
      ViewDriver sales, long id, @Nullable String country, long at, String amount) {
    sales.putView("sales", id, country, at, new BigDecimal(amount));
  }

  @Test
  void aGroupFollowsItsRows() {
    try (ViewDriver sales =
        view("SELECT country, COUNT(*) AS n, SUM(quantity) AS q FROM lines GROUP BY country")) {
      line(sales, 1, "nl", 2);
      line(sales, 2, "nl", 3);
      assertThat(sales.rows("v")).containsExactly(asList("nl", 2L, 5L));

      line(sales, 1, "nl", 7);
      assertThat(sales.rows("v")).containsExactly(asList("nl", 2L, 10L));

      sales.delete("lines", 2L);
      assertThat(sales.rows("v")).containsExactly(asList("nl", 1L, 7L));
    }
  }

  @Test
  void aGroupWithoutRowsDisappearsAndComesBack() {
    try (ViewDriver sales =
        view("SELECT country, COUNT(*) AS n, SUM(quantity) AS q FROM lines GROUP BY country")) {
      line(sales, 1, "nl", 2);
      sales.delete("lines", 1L);
      assertThat(sales.rows("v")).isEmpty();
      assertThat(sales.history("v").getLast().getValue()).isNull();

      line(sales, 1, "nl", 5);
      assertThat(sales.rows("v")).containsExactly(asList("nl", 1L, 5L));
    }
  }

  @Test
  void aRowMovesBetweenGroups() {
    try (ViewDriver sales =
        view("SELECT country, COUNT(*) AS n, SUM(quantity) AS q FROM lines GROUP BY country")) {
      // given
      line(sales, 1, "nl", 2);
      line(sales, 2, "nl", 3);
      line(sales, 3, "be", 4);

      // when
      line(sales, 2, "be", 30);
      assertThat(sales.rows("v"))
          .containsExactlyInAnyOrder(asList("nl", 1L, 2L), asList("be", 2L, 34L));

      // the last row of a group leaves it
      line(sales, 1, "be", 2);
      assertThat(sales.rows("v")).containsExactly(asList("be", 3L, 36L));
    }
  }

  @Test
  void anUpdateOfTheOnlyRowNeverShowsAnEmptyGroup() {
    try (ViewDriver sales = view("SELECT country, COUNT(*) AS n FROM lines GROUP BY country")) {
      // when
      line(sales, 1, "nl", 2);
      line(sales, 1, "nl", 3);
      line(sales, 1, "nl", null);

      // then
      assertThat(sales.rows("v")).containsExactly(asList("nl", 1L));
      assertThat(sales.history("v"))
          .allSatisfy(change -> assertThat(change.getValue()).isNotNull());
    }
  }

  @Test
  void nullIsAGroup() {
    try (ViewDriver sales = view("SELECT country, COUNT(*) AS n FROM lines GROUP BY country")) {
      line(sales, 1, null, 1);
      line(sales, 2, null, 1);
      line(sales, 3, "nl", 1);
      assertThat(sales.rows("v")).containsExactlyInAnyOrder(asList(null, 2L), asList("nl", 1L));

      sales.delete("lines", 1L);
      line(sales, 2, "nl", 1);
      assertThat(sales.rows("v")).containsExactly(asList("nl", 2L));
    }
  }

  @Test
  void nullsAreSkippedByAllButCountStar() {
    try (ViewDriver sales =
        view(
            "SELECT country, COUNT(*) AS n, COUNT(quantity) AS c, SUM(quantity) AS s,"
                + " SUM(weight) AS w FROM lines GROUP BY country")) {
      line(sales, 1, "nl", null);
      assertThat(sales.rows("v")).hasSize(1);
      assertThat(sales.rows("v").getFirst().subList(0, 4)).containsExactly("nl", 1L, 0L, null);

      line(sales, 2, "nl", 3);
      assertThat(sales.rows("v").getFirst().subList(0, 4)).containsExactly("nl", 2L, 1L, 3L);

      line(sales, 2, "nl", null);
      assertThat(sales.rows("v").getFirst().subList(0, 4)).containsExactly("nl", 2L, 0L, null);
    }
  }

  @Test
  void anAverageIsRoundedHalfUp() {
    try (ViewDriver sales =
        view("SELECT country, AVG(amount) AS a, SUM(amount) AS s FROM lines GROUP BY country")) {
      sales.put("lines", 1L, "nl", 0L, null, null, new BigDecimal("0.01"));
      sales.put("lines", 2L, "nl", 0L, null, null, new BigDecimal("0.02"));
      sales.put("lines", 3L, "nl", 0L, null, null, null);
      BigDecimal average = (BigDecimal) sales.rows("v").getFirst().get(1);
      assertThat(average)
          .isEqualByComparingTo(
              new BigDecimal("0.015").setScale(average.scale(), RoundingMode.HALF_UP));

      sales.delete("lines", 1L);
      sales.delete("lines", 2L);
      assertThat(sales.rows("v")).containsExactly(asList("nl", null, null));
    }
  }

  @Test
  void windowsBeginOnTheMinuteBeforeAndAfter1970() {
    try (ViewDriver sales = view(Sales.REVENUE_PER_MINUTE)) {
      amount(sales, 1, "nl", 0, "1.00");
      amount(sales, 2, "nl", MINUTE - 1, "2.00");
      amount(sales, 3, "nl", MINUTE, "4.00");
      amount(sales, 4, "nl", -1, "8.00");
      amount(sales, 5, "nl", -MINUTE, "16.00");
      amount(sales, 6, "nl", -MINUTE - 1, "32.00");

      assertThat(sales.rows("v"))
          .containsExactlyInAnyOrder(
              asList(0L, MINUTE, "nl", new BigDecimal("3.00"), 2L),
              asList(MINUTE, 2 * MINUTE, "nl", new BigDecimal("4.00"), 1L),
              asList(-MINUTE, 0L, "nl", new BigDecimal("24.00"), 2L),
              asList(-2 * MINUTE, -MINUTE, "nl", new BigDecimal("32.00"), 1L));
    }
  }

  @Test
  void aRowMovesBetweenWindows() {
    try (ViewDriver sales = view(Sales.REVENUE_PER_MINUTE)) {
      // given
      amount(sales, 1, "nl", 5, "1.00");
      amount(sales, 2, "nl", 6, "2.00");

      // when
      amount(sales, 1, "nl", MINUTE + 5, "1.50");
      assertThat(sales.rows("v"))
          .containsExactlyInAnyOrder(
              asList(0L, MINUTE, "nl", new BigDecimal("2.00"), 1L),
              asList(MINUTE, 2 * MINUTE, "nl", new BigDecimal("1.50"), 1L));

      // when
      sales.deleteView("sales", 2L, null, 0L, null);
      amount(sales, 1, null, MINUTE + 5, "1.50");
      assertThat(sales.rows("v"))
          .containsExactly(asList(MINUTE, 2 * MINUTE, null, new BigDecimal("1.50"), 1L));
    }
  }

  @Test
  void anAggregateIsFilteredBeforeAndAfter() {
    try (ViewDriver sales =
        view(
            "SELECT country, COUNT(*) AS n FROM lines WHERE quantity > 1 GROUP BY country"
                + " HAVING COUNT(*) > 1")) {
      line(sales, 1, "nl", 2);
      assertThat(sales.rows("v")).isEmpty();
      line(sales, 2, "nl", 2);
      assertThat(sales.rows("v")).containsExactly(asList("nl", 2L));
      line(sales, 2, "nl", 1);
      assertThat(sales.rows("v")).isEmpty();
    }
  }

  @Test
  void aResultThatDoesNotFitIsADeadLetterUntilItFits() {
    try (ViewDriver sales = view("SELECT country, SUM(weight) AS w FROM lines GROUP BY country")) {
      // given
      sales.put("lines", 1L, "nl", 0L, null, Long.MAX_VALUE, null);
      Object result = sales.rows("v").getFirst().get(1);

      // when the sum leaves 64 bits, by whatever type the view sums in
      sales.put("lines", 2L, "nl", 0L, null, Long.MAX_VALUE, null);
      sales.put("lines", 3L, "nl", 0L, null, -5L, null);
      sales.delete("lines", 2L);

      // then nothing was lost on the way
      sales.delete("lines", 3L);
      assertThat(sales.rows("v")).containsExactly(asList("nl", result));
    }
  }

  @Test
  void aGroupCarriesTheGreatestMetadata() {
    try (ViewDriver sales = view("SELECT country, COUNT(*) AS n FROM lines GROUP BY country")) {
      line(sales, 1, "nl", 1);
      line(sales, 2, "nl", 1);
      assertThat(sales.sourceSecond("v", "nl")).isEqualTo(2);
      line(sales, 1, "nl", 4);
      assertThat(sales.sourceSecond("v", "nl")).isEqualTo(3);
    }
  }

  @Test
  void aGroupSaysWhenItLostARow() {
    try (ViewDriver sales =
        Sales.driver(
            Sales.pipeline()
                .aggregate("of_table", "SELECT country, COUNT(*) AS n FROM lines GROUP BY country")
                .aggregate("of_view", "SELECT country, COUNT(*) AS n FROM sales GROUP BY country"),
            directory)) {
      // given
      line(sales, 1, "nl", 1);
      line(sales, 2, "nl", 1);
      amount(sales, 1, "nl", 0, "1.00");
      amount(sales, 2, "nl", 0, "1.00");

      // when
      sales.delete("lines", 2L);
      sales.deleteView("sales", 2L, null, 0L, null);

      // then
      assertThat(sales.rows("of_table")).containsExactly(asList("nl", 1L));
      assertThat(sales.sourceSecond("of_table", "nl")).isEqualTo(5);
      assertThat(sales.sourceSecond("of_view", "nl")).isEqualTo(6);

      // and when a row leaves it for another group
      line(sales, 3, "nl", 1);
      line(sales, 3, "be", 1);
      assertThat(sales.sourceSecond("of_table", "nl")).isEqualTo(8);
    }
  }
}

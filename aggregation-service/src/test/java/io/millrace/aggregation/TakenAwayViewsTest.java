package io.millrace.aggregation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.streams.TopologyLayout;
import io.millrace.runtime.testing.ViewDriver;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of an application whose views were taken away keeps the numbers of its tasks. */
final class TakenAwayViewsTest {
  private static final String PER_PLACE =
      "SELECT country, COUNT(*) AS n FROM sales GROUP BY country";

  @TempDir private Path directory;

  private static TopologyLayout layout(ViewDriver sales) {
    return TopologyLayout.of(sales.topology(), "shop.aggregation");
  }

  private TopologyLayout whole() {
    var pipeline =
        Sales.pipeline()
            .aggregate("per_country", SalesModel.PER_COUNTRY)
            .aggregate("per_place", PER_PLACE)
            .aggregate("revenue_per_minute", Sales.REVENUE_PER_MINUTE);
    try (ViewDriver sales = Sales.driver(pipeline, directory)) {
      return layout(sales);
    }
  }

  @Test
  void aTableAndEachGroupingHaveANumber() {
    assertThat(whole().roots())
        .containsExactly(
            "shop.cdc.lines",
            "per_country-group-1-repartition",
            "shop.view.sales",
            "per_place-group-1-repartition",
            "revenue_per_minute-group-1-repartition");
  }

  @Test
  void theRestKeepsItsNumbersAndItsRows() {
    // given
    var pipeline = Sales.pipeline().aggregate("revenue_per_minute", Sales.REVENUE_PER_MINUTE);
    SalesModel model = new SalesModel(7, 6);

    // when
    try (ViewDriver sales = Sales.driver(pipeline, directory, whole())) {
      for (int i = 0; i < 100; i++) {
        model.change(AggregationPropertyTest.into(sales));
      }

      // then
      assertThat(layout(sales)).isEqualTo(whole());
      assertThat(sales.rows("revenue_per_minute"))
          .containsExactlyInAnyOrderElementsOf(model.revenuePerMinute());
    }
  }
}

package io.millrace.aggregation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.testing.ViewDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/** Whatever happened to the rows: at rest an aggregate holds what its SQL says of them. */
final class AggregationPropertyTest {
  @Property(tries = 8, shrinking = ShrinkingMode.OFF)
  void aggregatesEqualTheirSql(@ForAll long seed, @ForAll @IntRange(min = 1, max = 200) int changes)
      throws IOException {
    // given
    var pipeline =
        Sales.pipeline()
            .aggregate("per_country", SalesModel.PER_COUNTRY)
            .aggregate("revenue_per_minute", Sales.REVENUE_PER_MINUTE);
    SalesModel model = new SalesModel(seed, 6);
    try (ViewDriver driver = Sales.driver(pipeline, Files.createTempDirectory("views"))) {
      // when
      for (int i = 0; i < changes; i++) {
        model.change(into(driver));
      }

      // then
      List<List<@Nullable Object>> perCountry = driver.rows("per_country");
      perCountry.forEach(row -> row.set(5, SalesModel.toCents(row.get(5))));
      assertThat(perCountry).containsExactlyInAnyOrderElementsOf(model.perCountry());
      assertThat(driver.rows("revenue_per_minute"))
          .containsExactlyInAnyOrderElementsOf(model.revenuePerMinute());
    }
  }

  static SalesModel.Inputs into(ViewDriver driver) {
    return new SalesModel.Inputs() {
      @Override
      public void putLine(@Nullable Object... row) {
        driver.put("lines", row);
      }

      @Override
      public void deleteLine(long id) {
        driver.delete("lines", id);
      }

      @Override
      public void putSale(@Nullable Object... row) {
        driver.putView("sales", row);
      }

      @Override
      public void deleteSale(long id) {
        driver.deleteView("sales", id, null, 0L, null);
      }
    };
  }
}

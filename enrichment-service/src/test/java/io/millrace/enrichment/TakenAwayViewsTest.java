package io.millrace.enrichment;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.streams.TopologyLayout;
import io.millrace.runtime.testing.TestPipeline;
import io.millrace.runtime.testing.ViewDriver;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left of an application whose views were taken away keeps the numbers of its tasks. */
final class TakenAwayViewsTest {
  private static final String APPLICATION = "shop.enrichment";
  private static final Map<String, String> VIEWS = new LinkedHashMap<>();

  static {
    VIEWS.put("addresses", "SELECT customer_id, email FROM customers");
    VIEWS.put("names", ShopModel.NAMES);
    VIEWS.put("sales", Shop.SALES);
    VIEWS.put("bulk", ShopModel.BULK);
  }

  @TempDir private Path directory;

  private static TestPipeline without(Set<String> gone) {
    TestPipeline pipeline = Shop.pipeline();
    VIEWS.forEach(
        (view, sql) -> {
          if (!gone.contains(view)) {
            pipeline.enrich(view, sql);
          }
        });
    return pipeline;
  }

  private static TopologyLayout layout(ViewDriver shop) {
    return TopologyLayout.of(shop.topology(), APPLICATION);
  }

  private TopologyLayout whole() {
    try (ViewDriver shop = Shop.driver(without(Set.of()), directory)) {
      return layout(shop);
    }
  }

  @Test
  void subTopologiesAreNumberedAsViewsNameTables() {
    assertThat(whole().roots())
        .containsExactly(
            "shop.cdc.customers", "shop.cdc.order_lines", "shop.cdc.products", "shop.cdc.orders");
  }

  @Test
  void withoutALayoutTheRestIsRenumbered() {
    try (ViewDriver shop = Shop.driver(without(Set.of("addresses", "names", "bulk")), directory)) {
      assertThat(layout(shop)).isNotEqualTo(whole());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"addresses", "addresses,bulk", "names,bulk", "addresses,names,bulk", "sales,bulk"})
  void theRestKeepsItsNumbersAndItsRows(String taken) {
    // given
    Set<String> gone = Set.of(taken.split(","));
    ShopModel model = new ShopModel(7, 3);

    // when
    try (ViewDriver shop = Shop.driver(without(gone), directory, whole())) {
      for (int i = 0; i < 100; i++) {
        model.change(EnrichmentPropertyTest.into(shop));
      }

      // then
      assertThat(layout(shop)).isEqualTo(whole());
      if (!gone.contains("sales")) {
        assertThat(shop.rows("sales")).containsExactlyInAnyOrderElementsOf(model.sales());
      }
      if (!gone.contains("names")) {
        assertThat(shop.rows("names")).containsExactlyInAnyOrderElementsOf(model.names());
      }
    }
  }
}

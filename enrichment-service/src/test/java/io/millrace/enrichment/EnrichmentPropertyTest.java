package io.millrace.enrichment;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.testing.ViewDriver;
import java.io.IOException;
import java.nio.file.Files;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/** Whatever happened to the tables: at rest a view's topic holds what its SQL says of them. */
final class EnrichmentPropertyTest {
  @Property(tries = 8, shrinking = ShrinkingMode.OFF)
  void viewsEqualTheirSql(@ForAll long seed, @ForAll @IntRange(min = 1, max = 150) int changes)
      throws IOException {
    // given
    var pipeline =
        Shop.pipeline()
            .enrich("sales", Shop.SALES)
            .enrich("names", ShopModel.NAMES)
            .enrich("bulk", ShopModel.BULK);
    ShopModel model = new ShopModel(seed, 3);
    try (ViewDriver shop = Shop.driver(pipeline, Files.createTempDirectory("views"))) {
      // when
      for (int i = 0; i < changes; i++) {
        model.change(into(shop));
      }

      // then
      assertThat(shop.rows("sales")).containsExactlyInAnyOrderElementsOf(model.sales());
      assertThat(shop.rows("names")).containsExactlyInAnyOrderElementsOf(model.names());
      assertThat(shop.rows("bulk")).containsExactlyInAnyOrderElementsOf(model.bulk());
    }
  }

  static ShopModel.Tables into(ViewDriver shop) {
    return new ShopModel.Tables() {
      @Override
      public void put(String table, @Nullable Object... row) {
        shop.put(table, row);
      }

      @Override
      public void delete(String table, @Nullable Object... key) {
        shop.delete(table, key);
      }
    };
  }
}

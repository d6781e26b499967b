package io.millrace.enrichment;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.testing.GoldenFile;
import io.millrace.runtime.testing.ViewDriver;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExpectedTopologyTest {
  @TempDir private Path directory;

  @Test
  void theExamplePipelineHasTheExpectedTopology() {
    try (ViewDriver shop = Shop.driver(Shop.pipeline().enrich("sales", Shop.SALES), directory)) {
      new GoldenFile("src/test/resources/io/millrace/enrichment/expected-topology.txt")
          .assertSame(shop.topology().describe().toString());
    }
  }

  @Test
  void anotherViewChangesNoNameOfTheFirst() {
    // given
    List<String> alone;
    try (ViewDriver shop = Shop.driver(Shop.pipeline().enrich("sales", Shop.SALES), directory)) {
      alone = names(shop);
    }

    // when
    var more =
        Shop.pipeline()
            .enrich("emails", "SELECT customer_id, email FROM customers")
            .enrich("sales", Shop.SALES)
            .enrich("toys", "SELECT order_id, line_no FROM sales WHERE category = 'toys'");
    try (ViewDriver shop = Shop.driver(more, directory)) {
      // then
      assertThat(names(shop)).containsAll(alone);
    }
  }

  private static List<String> names(ViewDriver shop) {
    return shop.topology()
        .describe()
        .toString()
        .lines()
        .filter(line -> line.contains("Processor:") || line.contains("Source:"))
        .map(line -> line.strip().replaceAll("^\\S+ (\\S+).*$", "$1"))
        .toList();
  }
}

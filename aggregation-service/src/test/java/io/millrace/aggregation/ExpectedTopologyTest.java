package io.millrace.aggregation;

import io.millrace.runtime.testing.GoldenFile;
import io.millrace.runtime.testing.ViewDriver;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExpectedTopologyTest {
  @TempDir private Path directory;

  @Test
  void theExamplePipelineHasTheExpectedTopology() {
    try (ViewDriver sales =
        Sales.driver(
            Sales.pipeline().aggregate("revenue_per_minute", Sales.REVENUE_PER_MINUTE),
            directory)) {
      new GoldenFile("src/test/resources/io/millrace/aggregation/expected-topology.txt")
          .assertSame(sales.topology().describe().toString());
    }
  }
}

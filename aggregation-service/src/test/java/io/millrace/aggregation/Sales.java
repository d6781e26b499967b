package io.millrace.aggregation;

import io.millrace.pipeline.plan.Relation;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.runtime.streams.TopologyLayout;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import io.millrace.runtime.testing.TestPipeline;
import io.millrace.runtime.testing.TestTable;
import io.millrace.runtime.testing.ViewDriver;
import java.nio.file.Path;
import java.util.List;

/** A table of sales, an enriched view of it, and aggregates over both. */
final class Sales {
  static final String REVENUE_PER_MINUTE =
      """
      SELECT window_start, window_end, country, SUM(amount) AS revenue, COUNT(*) AS lines
      FROM TABLE(TUMBLE(TABLE sales, DESCRIPTOR(placed_at), INTERVAL '1' MINUTE))
      GROUP BY window_start, window_end, country
      """;

  private Sales() {}

  static TestPipeline pipeline() {
    return new TestPipeline("shop")
        .table("lines")
        .enrich("sales", "SELECT id, country, placed_at, amount FROM lines");
  }

  static TestTable lines(SchemaRegistry registry) {
    return new TestTable(
        registry,
        "shop",
        "lines",
        1,
        "id long",
        "country string?",
        "placed_at timestamptz",
        "quantity int?",
        "weight long?",
        "amount decimal(12,2)?");
  }

  static ViewDriver driver(TestPipeline pipeline, Path directory) {
    return driver(pipeline, directory, TopologyLayout.NONE);
  }

  static ViewDriver driver(TestPipeline pipeline, Path directory, TopologyLayout layout) {
    SchemaRegistry registry = new LocalSchemaRegistry();
    return new ViewDriver(
        pipeline.write(directory),
        "aggregation",
        Relation.Kind.AGGREGATE_VIEW,
        registry,
        List.of(lines(registry)),
        directory,
        scope -> AggregationTopology.of(scope.laidOut(layout)));
  }
}

package io.millrace.enrichment;

import io.millrace.pipeline.plan.Relation;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.runtime.streams.TopologyLayout;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import io.millrace.runtime.testing.TestPipeline;
import io.millrace.runtime.testing.TestTable;
import io.millrace.runtime.testing.ViewDriver;
import java.nio.file.Path;
import java.util.List;

/** The tables of the example pipeline, smaller. */
final class Shop {
  static final String SALES =
      """
      SELECT l.order_id, l.line_no, o.placed_at, c.country, p.category,
             l.quantity * l.unit_price AS amount
      FROM order_lines l
      JOIN orders o         ON l.order_id = o.order_id
      JOIN products p       ON l.product_id = p.product_id
      LEFT JOIN customers c ON o.customer_id = c.customer_id
      WHERE o.status <> 'cancelled'
      """;

  private Shop() {}

  static TestPipeline pipeline() {
    return new TestPipeline("shop")
        .table("customers")
        .table("products")
        .table("orders")
        .table("order_lines");
  }

  static List<TestTable> tables(SchemaRegistry registry) {
    return List.of(
        new TestTable(
            registry,
            "shop",
            "customers",
            1,
            "customer_id long",
            "country string?",
            "email string?"),
        new TestTable(registry, "shop", "products", 1, "product_id string", "category string?"),
        new TestTable(
            registry,
            "shop",
            "orders",
            1,
            "order_id string",
            "customer_id long?",
            "placed_at timestamptz",
            "status string"),
        new TestTable(
            registry,
            "shop",
            "order_lines",
            2,
            "order_id string",
            "line_no int",
            "product_id string",
            "quantity int",
            "unit_price decimal(12,2)"));
  }

  static ViewDriver driver(TestPipeline pipeline, Path directory) {
    return driver(pipeline, directory, TopologyLayout.NONE);
  }

  static ViewDriver driver(TestPipeline pipeline, Path directory, TopologyLayout layout) {
    SchemaRegistry registry = new LocalSchemaRegistry();
    return new ViewDriver(
        pipeline.write(directory),
        "enrichment",
        Relation.Kind.ENRICHED_VIEW,
        registry,
        tables(registry),
        directory,
        scope -> EnrichmentTopology.of(scope.laidOut(layout)));
  }
}

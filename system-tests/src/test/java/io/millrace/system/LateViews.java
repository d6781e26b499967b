package io.millrace.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What comes to the shop's file when it has run: views over an older view, a table, each other; and
 * another layout of a table that has rows.
 */
final class LateViews {
  private static final String ENRICH =
      """
      enrich:
        line_status:
          sql: |
            SELECT s.order_id, s.line_no, s.amount, o.status
            FROM sales s JOIN orders o ON s.order_id = o.order_id
      """;
  private static final String AGGREGATE =
      """
      aggregate:
        revenue_per_status:
          sql: |
            SELECT status, SUM(amount) AS revenue, COUNT(*) AS lines
            FROM line_status GROUP BY status
      """;

  private static final String LAYOUT = "partition_by: [month(placed_at), bucket(4, order_id)]";

  private LateViews() {}

  /** Adds it to the pipeline file. */
  static void addTo(Path pipelineFile) throws IOException {
    String file = Files.readString(pipelineFile);
    Files.writeString(
        pipelineFile,
        file.replace("enrich:\n", ENRICH)
            .replace("aggregate:\n", AGGREGATE)
            .replace("partition_by: [month(placed_at)]", LAYOUT));
  }

  /** What their lake tables must hold. */
  static List<Comparison> content() {
    return List.of(
        new Comparison(
            "silver.line_status",
            "SELECT order_id, line_no, amount, status FROM silver.line_status",
            """
            SELECT s.order_id, s.line_no, s.amount, o.status
            FROM (%s) AS s JOIN public.orders o ON s.order_id = o.order_id
            """
                .formatted(ShopComparisons.SALES)),
        new Comparison(
            "gold.revenue_per_status",
            "SELECT status, revenue, lines FROM gold.revenue_per_status",
            """
            SELECT o.status, CAST(SUM(s.amount) AS numeric(38, 2)) AS revenue, COUNT(*) AS lines
            FROM (%s) AS s JOIN public.orders o ON s.order_id = o.order_id GROUP BY o.status
            """
                .formatted(ShopComparisons.SALES)));
  }
}

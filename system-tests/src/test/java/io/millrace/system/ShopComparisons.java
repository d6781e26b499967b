package io.millrace.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the lake of the example pipeline must hold, written by hand: neither Millrace's planner nor
 * its SQL translation has a part in it.
 */
final class ShopComparisons {
  private static final Map<String, String> MIRRORS =
      Map.of(
          "customers", "customer_id, country, email, signed_up_at",
          "products", "product_id, description, category, price",
          "orders", "order_id, customer_id, placed_at, status",
          "order_lines", "order_id, line_no, product_id, quantity, unit_price",
          "page_views", "view_id, customer_id, url, viewed_at");

  static final String SALES =
      """
      SELECT l.order_id, l.line_no, o.placed_at, c.country, p.category,
             l.quantity * l.unit_price AS amount
      FROM public.order_lines l
      JOIN public.orders o ON l.order_id = o.order_id
      JOIN public.products p ON l.product_id = p.product_id
      LEFT JOIN public.customers c ON o.customer_id = c.customer_id
      WHERE o.status <> 'cancelled'
      """;

  private ShopComparisons() {}

  /** Every silver and gold table, whole content. */
  static List<Comparison> content() {
    List<Comparison> comparisons = new ArrayList<>();
    MIRRORS.forEach(
        (table, columns) ->
            comparisons.add(
                new Comparison(
                    "silver." + table,
                    "SELECT " + columns + " FROM silver." + table,
                    "SELECT " + columns + " FROM public." + table)));
    comparisons.add(
        new Comparison(
            "silver.sales",
            "SELECT order_id, line_no, placed_at, country, category, amount FROM silver.sales",
            SALES));
    comparisons.add(
        new Comparison(
            "gold.revenue_per_minute",
            """
            SELECT window_start, window_end, country, revenue, lines FROM gold.revenue_per_minute
            """,
            """
            SELECT date_trunc('minute', placed_at) AS window_start,
                   date_trunc('minute', placed_at) + interval '1 minute' AS window_end,
                   country, CAST(SUM(amount) AS numeric(38, 2)) AS revenue, COUNT(*) AS lines
            FROM (%s) AS sales GROUP BY 1, 2, 3
            """
                .formatted(SALES)));
    return comparisons;
  }

  /** Records what the snapshot must find, and starts the database's count of changes anew. */
  static final String BEGIN_COUNT =
      """
      CREATE TABLE public.seeded_rows AS
        SELECT 'customers' AS name, count(*) AS found FROM public.customers
        UNION ALL SELECT 'products', count(*) FROM public.products
        UNION ALL SELECT 'orders', count(*) FROM public.orders
        UNION ALL SELECT 'order_lines', count(*) FROM public.order_lines
        UNION ALL SELECT 'page_views', count(*) FROM public.page_views;
      SELECT pg_stat_reset();
      """;

  /**
   * Bronze against the database's own count of the rows that it inserted, updated and deleted since
   * {@link #BEGIN_COUNT}: every change once, each at a source position of its own. Holds while
   * nothing rolls back.
   */
  static List<Comparison> changes() {
    return MIRRORS.keySet().stream()
        .map(
            table ->
                new Comparison(
                    "bronze." + table + "_changes",
                    """
                    SELECT count_if(_op = 'r') AS found, count_if(_op = 'c') AS inserted,
                           count_if(_op = 'u') AS updated, count_if(_op = 'd') AS deleted,
                           count(DISTINCT _source_pos) AS positions
                    FROM bronze.%s_changes
                    """
                        .formatted(table),
                    """
                    SELECT found, n_tup_ins, n_tup_upd, n_tup_del,
                           found + n_tup_ins + n_tup_upd + n_tup_del AS positions
                    FROM pg_stat_user_tables JOIN public.seeded_rows ON name = relname
                    WHERE relname = '%s'
                    """
                        .formatted(table)))
        .toList();
  }
}

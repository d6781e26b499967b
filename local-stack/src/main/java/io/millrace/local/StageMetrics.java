package io.millrace.local;

import java.util.HashMap;
import java.util.Map;

/**
 * What the stages have done so far, from their own metrics.
 *
 * @param captured change events that cdc-connector wrote, snapshot included
 * @param enriched rows that enrichment-service wrote
 * @param aggregated rows that aggregation-service wrote
 * @param stored rows that sink-service committed to the lake
 * @param freshness seconds from source commit to the lake, by lake table
 */
record StageMetrics(
    double captured,
    double enriched,
    double aggregated,
    double stored,
    Map<String, Freshness> freshness) {
  private static final String FRESHNESS = "millrace_lake_freshness_seconds";

  /** Percentiles in seconds, over rows. */
  record Freshness(double p50, double p99) {}

  /** Asks the services; one that does not answer counts nothing. */
  static StageMetrics scrape(LocalStack stack) {
    PrometheusText cdc = scrape(stack, Component.CDC_CONNECTOR);
    PrometheusText sink = scrape(stack, Component.SINK_SERVICE);
    Map<String, Double> median = sink.quantiles(FRESHNESS, "0.5", "table");
    Map<String, Freshness> freshness = new HashMap<>();
    sink.quantiles(FRESHNESS, "0.99", "table")
        .forEach(
            (table, p99) ->
                freshness.put(table, new Freshness(median.getOrDefault(table, p99), p99)));
    return new StageMetrics(
        cdc.sum("millrace_cdc_changes_total") + cdc.sum("millrace_cdc_snapshot_rows_total"),
        scrape(stack, Component.ENRICHMENT_SERVICE).sum("millrace_records_out_total"),
        scrape(stack, Component.AGGREGATION_SERVICE).sum("millrace_records_out_total"),
        sink.sum("millrace_lake_rows_total"),
        freshness);
  }

  /** Whether no stage did anything between {@code earlier} and this. */
  boolean sameWorkAs(StageMetrics earlier) {
    return captured == earlier.captured
        && enriched == earlier.enriched
        && aggregated == earlier.aggregated
        && stored == earlier.stored;
  }

  private static PrometheusText scrape(LocalStack stack, Component component) {
    return PrometheusText.parse(
        Probe.get(stack.address(component.id()) + "/prometheus").orElse(""));
  }
}

package io.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import org.junit.jupiter.api.Test;

final class PrometheusTextTest {
  private static final String SCRAPE =
      """
      # HELP millrace_lake_rows_total rows
      # TYPE millrace_lake_rows_total counter
      millrace_lake_rows_total{stage="sink",table="silver.orders"} 1.5E3
      millrace_lake_rows_total{stage="sink",table="silver.sales"} 500.0 1700000000000
      millrace_lake_freshness_seconds{quantile="0.5",table="silver.orders"} 0.25
      millrace_lake_freshness_seconds{quantile="0.99",table="silver.orders"} 2.5
      millrace_lake_freshness_seconds{quantile="0.99",table="silver.empty"} 0.0
      jvm_threads 12
      odd{label="a \\"quoted\\" {brace}"} NaN
      """;

  @Test
  void sumsOverLabels() {
    // given
    PrometheusText text = PrometheusText.parse(SCRAPE);

    // then
    assertThat(text.sum("millrace_lake_rows_total")).isEqualTo(2000);
    assertThat(text.sum("jvm_threads")).isEqualTo(12);
    assertThat(text.sum("odd")).isZero();
    assertThat(text.sum("absent")).isZero();
  }

  @Test
  void findsQuantilesThatHaveAValue() {
    // given
    PrometheusText text = PrometheusText.parse(SCRAPE);

    // then
    assertThat(text.quantiles("millrace_lake_freshness_seconds", "0.99", "table"))
        .containsExactly(entry("silver.orders", 2.5));
  }
}

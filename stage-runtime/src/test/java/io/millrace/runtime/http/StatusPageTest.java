package io.millrace.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.StageStatus;
import org.junit.jupiter.api.Test;

final class StatusPageTest {
  private static final String METRICS =
      """
      # TYPE millrace_records_in_total counter
      millrace_records_in_total{partition="0",topic="shop.cdc.orders"} 1234567.0
      millrace_lake_freshness_seconds{table="silver.orders",quantile="0.5"} 1.98765
      millrace_lake_change_age_seconds_bucket{le="1.0"} 5
      millrace_stage_ready NaN
      jvm_memory_used_bytes{area="heap"} 4.2E7
      """;

  @Test
  void showsHowTheProcessIsAndItsOwnMetrics() {
    // when
    String page =
        StatusPage.of("sink-service", StageStatus.degraded("waiting for <Kafka>"), METRICS);

    // then
    assertThat(page)
        .contains("<span class=\"state degraded\">degraded</span>")
        .contains("<p>waiting for &lt;Kafka&gt;</p>")
        .contains(
            "<td>millrace_records_in_total</td><td class=\"labels\">partition=&quot;0&quot;"
                + " topic=&quot;shop.cdc.orders&quot;</td><td>1,234,567</td>")
        .contains("<td>1.988</td>")
        .contains("<td>millrace_stage_ready</td><td class=\"labels\"></td><td>–</td>")
        .doesNotContain("_bucket", "jvm_");
  }
}

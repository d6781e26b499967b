package io.millrace.runtime.streams;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/** Names and tags of what enrichment-service and aggregation-service measure. */
final class ViewMetrics {
  private final MeterRegistry meters;

  ViewMetrics(MeterRegistry meters) {
    this.meters = meters;
  }

  /** Records read from a topic; not those whose value cannot be read. */
  Counter recordsIn(String topic) {
    return Counter.builder("millrace.records.in")
        .description("Records that a stage took in")
        .tag("topic", topic)
        .register(meters);
  }

  /** Rows and tombstones written to a topic. */
  Counter recordsOut(String topic) {
    return Counter.builder("millrace.records.out")
        .description("Records that a stage wrote")
        .tag("topic", topic)
        .register(meters);
  }

  /** From the commit in the source database to the row in a topic. */
  Timer latency(String topic) {
    return Timer.builder("millrace.stage.latency")
        .description("From the commit in the source to the record that the stage writes")
        .tag("topic", topic)
        .publishPercentiles(0.5, 0.99)
        .register(meters);
  }
}

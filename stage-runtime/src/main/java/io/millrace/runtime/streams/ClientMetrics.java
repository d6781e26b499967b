package io.millrace.runtime.streams;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.streams.KafkaStreams;

/** Figures that Kafka's clients keep about themselves, summed over an application's threads. */
final class ClientMetrics {
  private final KafkaStreams streams;

  ClientMetrics(KafkaStreams streams) {
    this.streams = streams;
  }

  /** Shows them, and what is left to restore, under the names of this class. */
  void register(MeterRegistry meters, String applicationId, RestoreProgress restore) {
    gauge(
        meters,
        "millrace.consumer.lag.records",
        "Records between the application's positions and the ends of its topics",
        applicationId,
        ClientMetrics::lag);
    Gauge.builder("millrace.restore.remaining.records", restore, RestoreProgress::remaining)
        .description("Records that stores still read back before the application serves")
        .tag("application", applicationId)
        .register(meters);
  }

  private void gauge(
      MeterRegistry meters,
      String name,
      String description,
      String applicationId,
      ToDoubleFunction<ClientMetrics> value) {
    Gauge.builder(name, this, value)
        .description(description)
        .tag("application", applicationId)
        .register(meters);
  }

  /** NaN (shown as such) before the first fetch. */
  private double lag() {
    return mainConsumers("consumer-fetch-manager-metrics", "records-lag");
  }

  /** Whether any main consumer has a connection to a broker, as far as they tell. */
  boolean connected() {
    double connections = mainConsumers("consumer-metrics", "connection-count");
    return Double.isNaN(connections) || connections > 0;
  }

  private double mainConsumers(String group, String name) {
    double sum = 0;
    boolean found = false;
    for (Map.Entry<MetricName, ? extends Metric> entry : streams.metrics().entrySet()) {
      MetricName metric = entry.getKey();
      if (metric.name().equals(name)
          && metric.group().equals(group)
          && main(metric.tags().getOrDefault("client-id", ""))
          && entry.getValue().metricValue() instanceof Number number
          && !Double.isNaN(number.doubleValue())) {
        sum += number.doubleValue();
        found = true;
      }
    }
    return found ? sum : Double.NaN;
  }

  private static boolean main(String clientId) {
    return clientId.endsWith("-consumer") && !clientId.endsWith("-restore-consumer");
  }
}

package io.millrace.cdc;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;

/**
 * Gives a Debezium task its settings and the offset that Kafka has, in Kafka Connect's place.
 *
 * @param configs the task's settings
 * @param committed the offset as the task reads it
 */
public record TaskContext(
    Map<String, String> configs, Supplier<Optional<Map<String, Object>>> committed)
    implements SourceTaskContext, OffsetStorageReader {
  @Override
  public PluginMetrics pluginMetrics() {
    throw new UnsupportedOperationException("Debezium's metrics are not part of the service's");
  }

  @Override
  public OffsetStorageReader offsetStorageReader() {
    return this;
  }

  @Override
  public <T> @Nullable Map<String, Object> offset(Map<String, T> partition) {
    return committed.get().orElse(null);
  }

  @Override
  public <T> Map<Map<String, T>, Map<String, Object>> offsets(
      Collection<Map<String, T>> partitions) {
    Map<Map<String, T>, Map<String, Object>> offsets = new HashMap<>();
    committed
        .get()
        .ifPresent(offset -> partitions.forEach(partition -> offsets.put(partition, offset)));
    return offsets;
  }
}

package io.millrace.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;

/** A topic as the pipeline needs it. */
record DeclaredTopic(String name, int partitions, Map<String, String> configs) {

  static Map<String, String> values(@Nullable Config config) {
    Map<String, String> values = new HashMap<>();
    if (config != null) {
      config.entries().stream()
          .filter(entry -> entry.value() != null)
          .forEach(entry -> values.put(entry.name(), entry.value()));
    }
    return values;
  }

  /** What is wrong with the topic that exists, each with what to do; empty when nothing. */
  List<String> contradictions(
      TopicDescription existing, Map<String, String> actual, int replicationFactor) {
    List<String> found = new ArrayList<>();
    int has = existing.partitions().size();
    if (has != partitions) {
      found.add(
          ("it has %d partitions, not %d, and partitions cannot change while state and lake are"
                  + " keyed by them: set topics.partitions to %d, or choose another pipeline name")
              .formatted(has, partitions, has));
    }
    int replicas =
        existing.partitions().stream().mapToInt(one -> one.replicas().size()).min().orElse(0);
    if (replicas < replicationFactor) {
      found.add(
          ("it has %d replicas, not %d: reassign it (kafka-reassign-partitions.sh) or lower"
                  + " topics.replication_factor")
              .formatted(replicas, replicationFactor));
    }
    configs.forEach(
        (setting, wanted) -> {
          String value = actual.getOrDefault(setting, "");
          if (!holds(setting, value, wanted)) {
            found.add(
                ("%s is %s, not %s: kafka-configs.sh --alter --entity-type topics --entity-name %s"
                        + " --add-config %s=%s")
                    .formatted(setting, value, wanted, name, setting, wanted));
          }
        });
    return found;
  }

  /** Longer than declared is as good; -1 is for ever. */
  private static boolean holds(String setting, String value, String wanted) {
    if (setting.equals(TopicConfig.CLEANUP_POLICY_CONFIG)) {
      return value.equals(wanted);
    }
    return number(value) >= number(wanted);
  }

  private static long number(String millis) {
    try {
      long value = Long.parseLong(millis);
      return value < 0 ? Long.MAX_VALUE : value;
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}

package io.millrace.local;

import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** Records that a pipeline's consumer groups have yet to read, over all of them. */
final class ConsumerLag implements AutoCloseable {
  private final KafkaOffsets kafka;
  private final String prefix;

  ConsumerLag(String bootstrap, String pipeline) {
    Properties client = new Properties();
    client.put("bootstrap.servers", bootstrap);
    this.kafka = new KafkaOffsets(client);
    this.prefix = pipeline + ".";
  }

  /** The sum; empty when the broker does not tell just now. */
  OptionalLong records() throws InterruptedException {
    try {
      var groups =
          kafka.admin().listGroups().all().get().stream()
              .map(group -> group.groupId())
              .filter(group -> group.startsWith(prefix))
              .toList();
      long lag = 0;
      for (String group : groups) {
        lag += lag(kafka.committed(group));
      }
      return OptionalLong.of(lag);
    } catch (ExecutionException e) {
      return OptionalLong.empty();
    }
  }

  private long lag(Map<TopicPartition, Long> committed)
      throws InterruptedException, ExecutionException {
    long lag = 0;
    var ends =
        kafka.offsets(committed.keySet(), OffsetSpec.latest(), IsolationLevel.READ_COMMITTED);
    for (var end : ends.entrySet()) {
      lag += Math.max(0, end.getValue() - committed.getOrDefault(end.getKey(), 0L));
    }
    return lag;
  }

  @Override
  public void close() {
    kafka.close();
  }
}

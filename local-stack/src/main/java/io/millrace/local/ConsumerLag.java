package io.millrace.local;

import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** Records that a pipeline's consumer groups have yet to read, over all of them. */
final class ConsumerLag implements AutoCloseable {
  private final Admin admin;
  private final String prefix;

  ConsumerLag(String bootstrap, String pipeline) {
    this.admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
    this.prefix = pipeline + ".";
  }

  /** The sum; empty when the broker does not tell just now. */
  OptionalLong records() throws InterruptedException {
    try {
      var groups =
          admin.listGroups().all().get().stream()
              .map(group -> group.groupId())
              .filter(group -> group.startsWith(prefix))
              .toList();
      long lag = 0;
      for (String group : groups) {
        lag += lag(committed(group));
      }
      return OptionalLong.of(lag);
    } catch (ExecutionException e) {
      return OptionalLong.empty();
    }
  }

  private Map<TopicPartition, Long> committed(String group)
      throws InterruptedException, ExecutionException {
    return admin
        .listConsumerGroupOffsets(group)
        .partitionsToOffsetAndMetadata()
        .get()
        .entrySet()
        .stream()
        .filter(entry -> entry.getValue() != null)
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().offset()));
  }

  private long lag(Map<TopicPartition, Long> committed)
      throws InterruptedException, ExecutionException {
    Map<TopicPartition, OffsetSpec> latest =
        committed.keySet().stream()
            .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
    long lag = 0;
    var ends =
        admin
            .listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
            .all()
            .get();
    for (var end : ends.entrySet()) {
      lag += Math.max(0, end.getValue().offset() - committed.getOrDefault(end.getKey(), 0L));
    }
    return lag;
  }

  @Override
  public void close() {
    admin.close();
  }
}

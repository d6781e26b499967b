package io.millrace.runtime.streams;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;

/** Records that an application's stores still have to read back before it serves. */
final class RestoreProgress implements StateRestoreListener {
  private final Map<Store, Long> remaining = new ConcurrentHashMap<>();

  private record Store(TopicPartition changelog, String name) {}

  /** Of all stores together. */
  long remaining() {
    return remaining.values().stream().mapToLong(Long::longValue).sum();
  }

  @Override
  public void onRestoreStart(TopicPartition changelog, String store, long start, long end) {
    remaining.put(new Store(changelog, store), end - start);
  }

  @Override
  public void onBatchRestored(TopicPartition changelog, String store, long end, long restored) {
    remaining.computeIfPresent(
        new Store(changelog, store), (any, left) -> Math.max(0, left - restored));
  }

  @Override
  public void onRestoreEnd(TopicPartition changelog, String store, long restored) {
    remaining.remove(new Store(changelog, store));
  }

  @Override
  public void onRestoreSuspended(TopicPartition changelog, String store, long restored) {
    remaining.remove(new Store(changelog, store));
  }
}

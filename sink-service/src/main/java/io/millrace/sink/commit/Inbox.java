package io.millrace.sink.commit;

import io.millrace.schemas.DataFileDescriptor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Descriptors of one partition of the lake-commits topic that were read and are not committed yet,
 * by table. Belongs to one task and its thread.
 */
final class Inbox {
  private final int partition;
  private final String topicId;
  private final Map<String, List<CommitPlan.Received>> waiting = new LinkedHashMap<>();
  private final Map<String, TableCommitter> committers = new HashMap<>();

  Inbox(int partition, String topicId) {
    this.partition = partition;
    this.topicId = topicId;
  }

  int partition() {
    return partition;
  }

  String topicId() {
    return topicId;
  }

  void add(long offset, DataFileDescriptor descriptor) {
    waiting
        .computeIfAbsent(descriptor.table(), table -> new ArrayList<>())
        .add(new CommitPlan.Received(offset, descriptor));
  }

  Map<String, List<CommitPlan.Received>> waiting() {
    return waiting;
  }

  TableCommitter committer(String table, Function<String, TableCommitter> open) {
    return committers.computeIfAbsent(table, open);
  }

  void clear() {
    waiting.clear();
  }
}

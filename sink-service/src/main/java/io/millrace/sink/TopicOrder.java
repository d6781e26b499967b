package io.millrace.sink;

import io.millrace.pipeline.LakeTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * The order in which topics came to the pipeline file, which numbers the writer's tasks: a topic
 * that comes later renumbers none, so that replicas with the old and the new file can share the
 * work for a while.
 *
 * @param topics those that came together by name
 */
record TopicOrder(List<String> topics) {
  static final TopicOrder NONE = new TopicOrder(List.of());

  TopicOrder {
    topics = List.copyOf(topics);
  }

  /** This order with those of the tables' topics that it lacks at the end. */
  TopicOrder with(Collection<LakeTable> tables) {
    TreeSet<String> more = new TreeSet<>();
    tables.forEach(table -> more.add(table.topic()));
    topics.forEach(more::remove);
    List<String> all = new ArrayList<>(topics);
    all.addAll(more);
    return new TopicOrder(all);
  }

  /** Tables in the order of their topics. */
  List<LakeTable> sorted(Collection<LakeTable> tables) {
    return tables.stream()
        .sorted(Comparator.comparingInt(table -> topics.indexOf(table.topic())))
        .toList();
  }
}

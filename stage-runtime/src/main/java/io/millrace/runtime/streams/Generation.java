package io.millrace.runtime.streams;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Views of a stage that were new together. One Kafka Streams application runs them, from the start
 * of their topics on, and keeps its sub-topologies for good.
 *
 * @param views SQL by view name, as {@link ViewDefinitions} holds it
 * @param retired those among the views that were taken away while others of the generation went on:
 *     their rows have missed changes since
 * @param layout the sub-topologies that the application began with
 */
record Generation(Map<String, String> views, Set<String> retired, TopologyLayout layout) {
  Generation {
    views = Map.copyOf(views);
    retired = Set.copyOf(retired);
  }

  /** A generation that nothing was laid out for yet. */
  static Generation of(Map<String, String> views) {
    return new Generation(views, Set.of(), TopologyLayout.NONE);
  }

  /** Whether any of its views is among {@code names}, so that it runs. */
  boolean runs(Set<String> names) {
    return views.keySet().stream().anyMatch(names::contains);
  }

  /** This generation once those of its views have gone that {@code names} lacks. */
  Generation retiring(Set<String> names) {
    Set<String> gone = new TreeSet<>(views.keySet());
    gone.removeAll(names);
    gone.addAll(retired);
    return new Generation(views, gone, layout);
  }

  Generation with(TopologyLayout begun) {
    return new Generation(new TreeMap<>(views), retired, begun);
  }
}

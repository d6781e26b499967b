package io.millrace.runtime.streams;

import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyDescription;

/**
 * The order of an application's sub-topologies, whose numbers name its tasks: in what they assign
 * to each other, all members of a group must mean the same, and a task's directory must be found by
 * the same stores.
 *
 * <p>Of views, each sub-topology has one topic that it cannot be without: a table's, a view's or,
 * behind a grouping, a repartition topic. The topics of foreign-key joins come and go with the
 * views that join.
 *
 * @param roots these topics, in the order of the sub-topologies; repartition topics without the
 *     application id
 */
public record TopologyLayout(List<String> roots) {
  /** Of a topology whose sub-topologies come as they come. */
  public static final TopologyLayout NONE = new TopologyLayout(List.of());

  private static final Pattern OF_A_JOIN =
      Pattern.compile(".*-subscription-(registration|response)-topic");

  /** Keeps a copy. */
  public TopologyLayout {
    roots = List.copyOf(roots);
  }

  /** The layout of a topology. */
  public static TopologyLayout of(Topology topology, String applicationId) {
    return new TopologyLayout(
        topology.describe().subtopologies().stream()
            .sorted(Comparator.comparingInt(TopologyDescription.Subtopology::id))
            .map(part -> root(part, applicationId))
            .toList());
  }

  private static String root(TopologyDescription.Subtopology part, String applicationId) {
    List<String> roots =
        part.nodes().stream()
            .flatMap(
                node ->
                    node instanceof TopologyDescription.Source source
                        ? source.topicSet().stream()
                        : Stream.empty())
            .filter(topic -> !OF_A_JOIN.matcher(topic).matches())
            .toList();
    if (roots.size() != 1) {
      throw new IllegalStateException("sub-topology " + part.id() + " reads " + roots);
    }
    String root = roots.getFirst();
    String internal = applicationId + "-";
    return root.startsWith(internal) ? root.substring(internal.length()) : root;
  }

  /** Whether a root is a repartition topic. */
  static boolean internal(String root) {
    return !root.contains(".");
  }
}

package io.millrace.runtime.streams;

import io.millrace.runtime.TopicAdmin;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.Topics;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.streams.TopologyDescription;

/**
 * A generation of views as one Kafka Streams application.
 *
 * @param id application id: consumer group, and prefix of internal topics
 * @param views those of the generation that the pipeline file has
 * @param begun how the sub-topologies are laid out; none when nothing was yet
 * @param topology of the views
 * @param settings that the topology was made with
 */
record ViewApplication(
    String id,
    List<ViewTopic> views,
    TopologyLayout begun,
    ViewTopology topology,
    Properties settings) {

  /** The layout of the topology. */
  TopologyLayout layout() {
    return TopologyLayout.of(topology.topology(), id);
  }

  /** How many stores a partition has. */
  long stores() {
    return topology.topology().describe().subtopologies().stream()
        .flatMap(part -> part.nodes().stream())
        .flatMap(
            node ->
                node instanceof TopologyDescription.Processor processor
                    ? processor.stores().stream()
                    : Stream.empty())
        .distinct()
        .count();
  }

  List<String> viewNames() {
    return views.stream().map(view -> view.plan().output().name()).toList();
  }

  /** Creates the topics that it reads and writes, and does not create itself. */
  void ensureTopics(TopicAdmin admin) {
    for (String root : begun.roots()) {
      if (!TopologyLayout.internal(root)) {
        admin.ensureCompacted(root);
      } else if (!viewNames().contains(OperatorNames.viewOf(root))) {
        admin.ensureRepartition(id + "-" + root);
      }
    }
    views.forEach(view -> admin.ensureCompacted(view.topic()));
  }

  /**
   * Registers the schemas of what it writes.
   *
   * @throws io.millrace.runtime.serde.IncompatibleSchemaException when the registry holds others
   */
  void register(SchemaRegistry registry) {
    topology.internalSchemas().forEach(registry::register);
    for (ViewTopic view : views) {
      registry.register(Topics.keySubject(view.topic()), view.plan().output().key());
      registry.register(Topics.valueSubject(view.topic()), view.row());
    }
  }
}

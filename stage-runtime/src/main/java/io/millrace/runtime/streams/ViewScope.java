package io.millrace.runtime.streams;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.pipeline.plan.Relation;
import io.millrace.pipeline.plan.ViewNode;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.Topics;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyConfig;

/**
 * What a topology of views is made of.
 *
 * @param stage whose application it is: prefix of internal subjects, and its dead letters
 * @param topics names of the pipeline's topics
 * @param views the stage's views, in dependency order
 * @param registry where schemas have their ids; asked when the first record comes
 * @param meters where the topology counts
 * @param settings of the application, made by {@link io.millrace.runtime.StreamsSettings#of}
 * @param layout what the sub-topologies begin with
 */
public record ViewScope(
    String stage,
    Topics topics,
    List<ViewTopic> views,
    SchemaRegistry registry,
    MeterRegistry meters,
    Properties settings,
    TopologyLayout layout) {

  /** A scope whose sub-topologies are laid out as they come. */
  public ViewScope(
      String stage,
      Topics topics,
      List<ViewTopic> views,
      SchemaRegistry registry,
      MeterRegistry meters,
      Properties settings) {
    this(stage, topics, views, registry, meters, settings, TopologyLayout.NONE);
  }

  /** This scope with its sub-topologies in an order that is given. */
  public ViewScope laidOut(TopologyLayout order) {
    return new ViewScope(stage, topics, views, registry, meters, settings, order);
  }

  /** Where the stage's poison records go. */
  DeadLetters deadLetters() {
    return DeadLetters.from(settings);
  }

  /** Bytes of the largest key and row that a topic takes. */
  int largestRecord() {
    return Integer.parseInt(
        settings.getProperty(
            KafkaSettings.LARGEST_RECORD_SETTING, String.valueOf(KafkaSettings.LARGEST_RECORD)));
  }

  /** A builder that names what it must and optimises as the settings say. */
  StreamsBuilder builder() {
    return new StreamsBuilder(new TopologyConfig(new StreamsConfig(settings)));
  }

  /** The view of a name; empty when it is not of this application. */
  Optional<ViewTopic> view(String name) {
    return views.stream().filter(view -> view.plan().output().name().equals(name)).findFirst();
  }

  /** What the views read from a topic; empty when they read none of that name. */
  Optional<Relation> scanned(String topic) {
    return views.stream()
        .flatMap(view -> Scans.of(view.plan().root()))
        .map(ViewNode.Scan::relation)
        .filter(relation -> view(relation.name()).isEmpty())
        .filter(relation -> ViewTopic.name(topics, relation).equals(topic))
        .findFirst();
  }

  /** A root's topic as Kafka has it. */
  String fullName(String root) {
    return TopologyLayout.internal(root)
        ? settings.getProperty(StreamsConfig.APPLICATION_ID_CONFIG) + "-" + root
        : root;
  }
}

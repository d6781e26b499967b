package io.millrace.runtime.streams;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.Topics;
import java.util.List;
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
 * @param settings of the application, made by {@link io.millrace.runtime.KafkaSettings#streams}
 */
public record ViewScope(
    String stage,
    Topics topics,
    List<ViewTopic> views,
    SchemaRegistry registry,
    MeterRegistry meters,
    Properties settings) {

  /** A builder that names what it must and optimises as the settings say. */
  StreamsBuilder builder() {
    return new StreamsBuilder(new TopologyConfig(new StreamsConfig(settings)));
  }
}

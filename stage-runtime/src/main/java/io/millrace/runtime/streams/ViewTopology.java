package io.millrace.runtime.streams;

import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.streams.Topology;

/**
 * The views of a stage as Kafka Streams runs them.
 *
 * @param topology to be run with the settings that it was made with
 * @param internalSchemas schemas of its stores and internal topics, by registry subject
 */
public record ViewTopology(Topology topology, Map<String, Schema> internalSchemas) {}

package io.millrace.runtime.streams;

import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.internals.DefaultKafkaClientSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs one Kafka Streams application of a stage: its lifecycle, its failures, its health. */
public final class StreamsRunner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamsRunner.class);
  private static final Duration CLOSE = Duration.ofSeconds(20);

  private final String applicationId;
  private final KafkaStreams streams;
  private final ThreadFailures failures;

  /** An application with Kafka's own clients. */
  public StreamsRunner(
      StageContext context, String applicationId, Topology topology, Properties settings) {
    this(context, applicationId, topology, settings, new DefaultKafkaClientSupplier());
  }

  /**
   * An application; does not start it.
   *
   * @param settings made by {@link io.millrace.runtime.KafkaSettings#streams}
   * @param clients makes its consumers, producers and admin clients
   */
  public StreamsRunner(
      StageContext context,
      String applicationId,
      Topology topology,
      Properties settings,
      KafkaClientSupplier clients) {
    this.applicationId = applicationId;
    Properties all = new Properties();
    all.putAll(settings);
    all.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
    this.streams = new KafkaStreams(topology, all, clients);
    this.failures = new ThreadFailures(applicationId, context.fatal());
    streams.setUncaughtExceptionHandler(failures);
  }

  /** Starts it; returns at once. */
  public void start() {
    streams.start();
  }

  /** Its health. */
  public StageStatus status() {
    return switch (streams.state()) {
      case RUNNING -> StageStatus.serving("running");
      case CREATED, REBALANCING -> StageStatus.starting("assigning and restoring tasks");
      default -> StageStatus.failed("stopped");
    };
  }

  /** The application itself, for interactive queries. */
  public KafkaStreams streams() {
    return streams;
  }

  /** Stops it cleanly, within a time. */
  @Override
  public void close() {
    if (!streams.close(CLOSE)) {
      LOG.warn("{} did not stop within {} s", applicationId, CLOSE.toSeconds());
    }
  }
}

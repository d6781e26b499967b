package io.millrace.runtime.streams;

import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus;
import io.millrace.runtime.TopicAdmin;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.ThreadMetadata;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsNotStartedException;
import org.apache.kafka.streams.processor.internals.DefaultKafkaClientSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one Kafka Streams application of a stage.
 *
 * <p>A thread that fails is replaced after a growing pause; after several failures in a row, or one
 * that a new thread could not mend, the process stops with a message. The status is SERVING only
 * while the application runs, every thread has all its tasks restored and running, and a broker is
 * connected.
 *
 * <p>Metrics, tagged with the application: {@code millrace_consumer_lag_records}, {@code
 * millrace_restore_remaining_records}.
 */
public final class StreamsRunner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamsRunner.class);
  private static final Duration CLOSE = Duration.ofSeconds(20);

  private final StageContext context;
  private final String applicationId;
  private final int threads;
  private final Path state;
  private final KafkaStreams streams;
  private final ThreadFailures failures;
  private final RestoreProgress restore = new RestoreProgress();
  private final ClientMetrics metrics;
  private volatile boolean closed;

  /** An application with Kafka's own clients; does not start it. */
  public StreamsRunner(
      StageContext context, String applicationId, Topology topology, Properties settings) {
    this(context, applicationId, topology, settings, new DefaultKafkaClientSupplier());
  }

  /**
   * An application; does not start it.
   *
   * @param settings made by {@link io.millrace.runtime.StreamsSettings#of}
   * @param clients makes its consumers, producers and admin clients
   */
  public StreamsRunner(
      StageContext context,
      String applicationId,
      Topology topology,
      Properties settings,
      KafkaClientSupplier clients) {
    this.context = context;
    this.applicationId = applicationId;
    Properties all = new Properties();
    all.putAll(settings);
    all.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
    this.threads =
        Integer.parseInt(
            String.valueOf(all.getOrDefault(StreamsConfig.NUM_STREAM_THREADS_CONFIG, "1")));
    this.state = Path.of(all.getProperty(StreamsConfig.STATE_DIR_CONFIG), applicationId);
    this.streams = new KafkaStreams(topology, all, clients);
    this.metrics = new ClientMetrics(streams);
    this.failures =
        new ThreadFailures(applicationId, context.fatal(), InstantSource.system(), this::pause);
    streams.setUncaughtExceptionHandler(failures);
    streams.setGlobalStateRestoreListener(restore);
    streams.setStateListener((now, before) -> LOG.debug("{} is {}", applicationId, now));
  }

  /**
   * Creates the stage's dead-letter topic and starts the application; returns while it still joins
   * its group and restores.
   */
  public void start() {
    try (TopicAdmin topics = new TopicAdmin(context.pipeline())) {
      topics.ensureDeadLetters(context.pipeline().topicNames().deadLetters(context.stage()));
    }
    metrics.register(context.meters(), applicationId, restore);
    BrokenState.remove(state);
    streams.start();
  }

  /** Its health now. */
  public StageStatus status() {
    return switch (streams.state()) {
      case CREATED -> StageStatus.starting("not started yet");
      case REBALANCING -> changing();
      case RUNNING -> running();
      case PENDING_SHUTDOWN, NOT_RUNNING, PENDING_ERROR, ERROR ->
          closed
              ? StageStatus.degraded("stopping")
              : StageStatus.failed(failures.last().orElse("stopped"));
    };
  }

  private StageStatus changing() {
    long records = restore.remaining();
    String what = records == 0 ? "joining its group" : "restoring " + records + " records";
    return failures
        .last()
        .map(failure -> StageStatus.degraded(what + "; a thread was replaced: " + failure))
        .orElseGet(() -> StageStatus.starting(what));
  }

  private StageStatus running() {
    long running = runningThreads();
    if (running < threads) {
      return StageStatus.degraded(
          "%d of %d threads run%s"
              .formatted(running, threads, failures.last().map(why -> ": " + why).orElse("")));
    }
    if (!metrics.connected()) {
      return StageStatus.degraded("no connection to a broker");
    }
    return StageStatus.serving("running");
  }

  private long runningThreads() {
    try {
      Set<ThreadMetadata> now = streams.metadataForLocalThreads();
      return now.stream().filter(thread -> thread.threadState().equals("RUNNING")).count();
    } catch (StreamsNotStartedException | IllegalStateException e) {
      return 0; // it stopped since its state was read
    }
  }

  /** The application itself, for interactive queries. */
  public KafkaStreams streams() {
    return streams;
  }

  private void pause(Duration pause) {
    long end = System.nanoTime() + pause.toNanos();
    try {
      while (!closed && System.nanoTime() < end) {
        Thread.sleep(Duration.ofMillis(50));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops it cleanly, within a time, and leaves its group so that others take over at once. */
  @Override
  public void close() {
    closed = true;
    CloseOptions options =
        CloseOptions.timeout(CLOSE)
            .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
    if (!streams.close(options)) {
      LOG.warn("{} did not stop within {} s", applicationId, CLOSE.toSeconds());
    }
  }
}

package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.pipeline.Lake;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.SlotLimit;
import io.millrace.pipeline.Source;
import io.millrace.pipeline.TopicSettings;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus;
import io.millrace.runtime.serde.SchemaRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A pipeline of one test, and its cdc-connector while it runs in this JVM. */
final class RunningConnector implements AutoCloseable {
  private final PipelineFile file;
  private final CdcStage stage;
  private final List<String> fatal = new CopyOnWriteArrayList<>();
  private final MeterRegistry meters = new SimpleMeterRegistry();

  RunningConnector(Servers servers, PipelineFile file, SchemaRegistry registry) {
    this.file = file;
    this.stage =
        new CdcStage(
            new StageContext(
                CdcConnector.STAGE, file, servers.directory(), registry, meters, fatal::add),
            PostgresSource::new);
  }

  /**
   * A pipeline file.
   *
   * @param tables of schema public, see {@link TableNotation}
   */
  static PipelineFile file(
      Servers servers, Database database, String name, Map<String, String> more, String... tables) {
    return file(servers, database.config(), name, more, tables);
  }

  static PipelineFile file(
      Servers servers,
      Map<String, String> source,
      String name,
      Map<String, String> more,
      String... tables) {
    Map<String, String> config = new HashMap<>(source);
    config.put("heartbeat.interval.ms", "300");
    config.putAll(more);
    return new PipelineFile(
        servers.directory().resolve("pipeline.yaml"),
        name,
        Map.of("bootstrap.servers", servers.broker().bootstrapServers()),
        Map.of(),
        new TopicSettings(2, (short) 1, Duration.ofDays(7)),
        Map.of(),
        new Source("postgresql", config, TableNotation.tables("public", tables)),
        Map.of(),
        Map.of(),
        new Lake(Map.of(), Duration.ofSeconds(5)));
  }

  /** The file with more settings of Kafka's clients. */
  static PipelineFile withKafka(PipelineFile file, Map<String, String> more) {
    Map<String, String> kafka = new HashMap<>(file.kafka());
    kafka.putAll(more);
    return new PipelineFile(
        file.path(),
        file.pipeline(),
        kafka,
        file.registry(),
        file.topics(),
        file.streams(),
        file.source(),
        file.enrich(),
        file.aggregate(),
        file.lake());
  }

  /** The file with a limit on the log that PostgreSQL keeps back. */
  static PipelineFile withSlotLimit(PipelineFile file, SlotLimit limit) {
    return new PipelineFile(
        file.path(),
        file.pipeline(),
        file.kafka(),
        file.registry(),
        file.topics(),
        file.streams(),
        new Source(
            file.source().connector(), file.source().config(), file.source().tables(), limit),
        file.enrich(),
        file.aggregate(),
        file.lake());
  }

  /** A metric without tags. */
  double gauge(String metric) {
    return meters.get(metric).gauge().value();
  }

  /** The file with another registry. */
  static PipelineFile withRegistry(PipelineFile file, String url) {
    return new PipelineFile(
        file.path(),
        file.pipeline(),
        file.kafka(),
        Map.of("url", url),
        file.topics(),
        file.streams(),
        file.source(),
        file.enrich(),
        file.aggregate(),
        file.lake());
  }

  /** Waits until its status says {@code text}. */
  void awaitStatus(StageStatus.State state, String text) {
    await()
        .atMost(Duration.ofMinutes(3))
        .until(
            () -> {
              assertThat(fatal).isEmpty();
              StageStatus status = stage.status();
              return status.state() == state && status.detail().contains(text);
            });
  }

  /** Starts it and waits until it streams. */
  RunningConnector streaming() throws InterruptedException {
    stage.start();
    await()
        .atMost(Duration.ofMinutes(3))
        .until(
            () ->
                stage.status().detail().startsWith(Capture.STREAMING.detail()) || !fatal.isEmpty());
    assertThat(fatal).isEmpty();
    return this;
  }

  /** Starts it and waits until it gives up; returns what it says. */
  String ended() throws InterruptedException {
    stage.start();
    await().atMost(Duration.ofMinutes(3)).until(() -> !fatal.isEmpty());
    return fatal.get(0);
  }

  /** Starts it in a thread of its own, which ends when it has started. */
  Thread starter() {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                stage.start();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  /** Changes of a table read so far. */
  double changes(String table) {
    return meters.get("millrace.cdc.changes").tag("table", table).counter().count();
  }

  CdcStage stage() {
    return stage;
  }

  PipelineFile file() {
    return file;
  }

  List<String> fatal() {
    return fatal;
  }

  MeterRegistry meters() {
    return meters;
  }

  @Override
  public void close() {
    stage.close();
  }
}

package io.millrace.sink;

import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.Stage;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus;
import io.millrace.runtime.TopicAdmin;
import io.millrace.runtime.serde.RowDecoder;
import io.millrace.runtime.streams.StreamsRunner;
import io.millrace.schemas.Topics;
import io.millrace.sink.commit.CommitHook;
import io.millrace.sink.commit.CommitterTopology;
import io.millrace.sink.commit.DescriptorCodec;
import io.millrace.sink.commit.HookedClients;
import io.millrace.sink.commit.LakeCommitter;
import io.millrace.sink.commit.TopicIds;
import io.millrace.sink.lake.LakeCatalog;
import io.millrace.sink.writer.BufferLimit;
import io.millrace.sink.writer.CommittedOffsets;
import io.millrace.sink.writer.LakeWriter;
import io.millrace.sink.writer.WriterTopology;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sink of one pipeline: the writer and the committer, two Kafka Streams applications. */
final class SinkStage implements Stage {
  private static final Logger LOG = LoggerFactory.getLogger(SinkStage.class);
  private static final Duration DESCRIPTOR_RETENTION = Duration.ofDays(7);

  /** The committer follows the writer's pace; this is what it adds to the age of a row. */
  private static final Duration COMMITTER_INTERVAL = Duration.ofMillis(100);

  /** Beyond a commit interval, how long closing and uploading an epoch's files may take. */
  private static final Duration LONGEST_UPLOAD = Duration.ofSeconds(60);

  private final StageContext context;
  private final PipelineFile pipeline;
  private final Topics topics;
  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
  private volatile @Nullable Running running;

  SinkStage(StageContext context) {
    this.context = context;
    this.pipeline = context.pipeline();
    this.topics = pipeline.topicNames();
  }

  private record Running(
      StreamsRunner writer, StreamsRunner committer, TableCreation creation, String topology) {}

  @Override
  public void start() {
    Instance instance = closing(Instance.of(context.stateDirectory()));
    LakeCatalog catalog = closing(openCatalog());
    ensureTopics();
    Admin admin =
        closing(Admin.create(KafkaSettings.client(pipeline, topics.applicationId("sink-admin"))));
    TableCreation creation =
        closing(
            new TableCreation(pipeline.lakeTables(), catalog, context.registry(), context.fatal()));
    creation.start();

    DescriptorCodec codec = new DescriptorCodec(context.registry(), topics.lakeCommits());
    TopicIds topicIds = new TopicIds(admin);
    SinkMetrics metrics = new SinkMetrics(context.meters());
    LakeCommitter lakeCommitter =
        new LakeCommitter(catalog, topicIds, metrics, context.fatal(), Clock.systemUTC());
    Topology committing =
        new CommitterTopology(topics.lakeCommits(), codec, lakeCommitter).topology();
    LakeWriter lakeWriter = new LakeWriter(codec, topicIds, context.fatal());
    String writerId = topics.applicationId("sink-writer");
    Topology writing =
        new WriterTopology(
                pipeline.lakeTables(),
                new RowDecoder(context.registry()),
                catalog,
                lakeWriter,
                new CommittedOffsets(admin, writerId),
                topicIds,
                new BufferLimit(Runtime.getRuntime().maxMemory() / 6),
                metrics,
                context.fatal())
            .topology();

    // Closed in the opposite order: the committer may still commit what the writer ends with.
    StreamsRunner committer =
        run(
            topics.applicationId("sink-committer"),
            committing,
            committerSettings(),
            instance,
            lakeCommitter);
    StreamsRunner writer = run(writerId, writing, writerSettings(), instance, lakeWriter);
    running =
        new Running(
            writer,
            committer,
            creation,
            "writer:\n" + writing.describe() + "\ncommitter:\n" + committing.describe());
    committer.start();
    writer.start();
  }

  private StreamsRunner run(
      String applicationId,
      Topology topology,
      Map<String, String> settings,
      Instance instance,
      CommitHook hook) {
    return closing(
        new StreamsRunner(
            context,
            applicationId,
            topology,
            KafkaSettings.streams(context, applicationId, settings),
            new HookedClients(instance.id(), hook)));
  }

  private Map<String, String> writerSettings() {
    Duration interval = pipeline.lake().commitEvery();
    Map<String, String> settings = new HashMap<>();
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, String.valueOf(interval.toMillis()));
    settings.put(
        StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
        String.valueOf(interval.plus(LONGEST_UPLOAD).toMillis()));
    // A descriptor lists every file of an epoch; compressed it stays far below the topic's limit.
    settings.put(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
        String.valueOf(16 << 20));
    return settings;
  }

  private static Map<String, String> committerSettings() {
    return Map.of(
        StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
        String.valueOf(COMMITTER_INTERVAL.toMillis()),
        StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
        String.valueOf(LONGEST_UPLOAD.toMillis()));
  }

  private void ensureTopics() {
    try (TopicAdmin admin = new TopicAdmin(pipeline)) {
      pipeline.lakeTables().stream()
          .map(LakeTable::topic)
          .distinct()
          .forEach(admin::ensureCompacted);
      admin.ensureDeadLetters(topics.deadLetters(context.stage()));
      admin.ensureRetained(
          topics.lakeCommits(), pipeline.topics().partitions(), DESCRIPTOR_RETENTION);
    }
  }

  private LakeCatalog openCatalog() {
    try {
      return LakeCatalog.open(pipeline);
    } catch (RuntimeException e) {
      throw new IllegalStateException(
          "cannot open the lake's catalog (lake.catalog in %s): %s"
              .formatted(pipeline.path(), rootMessage(e)),
          e);
    }
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  private <T extends AutoCloseable> T closing(T resource) {
    toClose.push(resource);
    return resource;
  }

  @Override
  public StageStatus status() {
    Running now = running;
    if (now == null) {
      return StageStatus.starting("opening the catalog and the topics");
    }
    for (StreamsRunner runner : List.of(now.writer(), now.committer())) {
      if (runner.status().state() != StageStatus.State.SERVING) {
        return runner.status();
      }
    }
    String waiting = now.creation().waiting();
    return StageStatus.serving(
        waiting.isEmpty() ? "writing and committing" : "waiting for the schemas of " + waiting);
  }

  @Override
  public String topology() {
    Running now = running;
    return now == null ? "" : now.topology();
  }

  @Override
  public void close() {
    while (!toClose.isEmpty()) {
      try {
        toClose.pop().close();
      } catch (Exception e) {
        LOG.warn("Could not close a part of the sink: {}", e.getMessage());
      }
    }
  }
}

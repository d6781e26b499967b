package io.millrace.sink;

import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.Stage;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus;
import io.millrace.runtime.StreamsSettings;
import io.millrace.runtime.TopicAdmin;
import io.millrace.runtime.streams.AgreementTopic;
import io.millrace.runtime.streams.BoundedRocksDb;
import io.millrace.runtime.streams.RocksDbMemory;
import io.millrace.runtime.streams.StreamsRunner;
import io.millrace.schemas.Topics;
import io.millrace.sink.commit.CommitHook;
import io.millrace.sink.commit.CommitterTopology;
import io.millrace.sink.commit.DescriptorCodec;
import io.millrace.sink.commit.HookedClients;
import io.millrace.sink.commit.LakeCommitter;
import io.millrace.sink.commit.TopicIds;
import io.millrace.sink.lake.LakeCatalog;
import io.millrace.sink.maintenance.PendingFiles;
import io.millrace.sink.maintenance.ScheduledMaintenance;
import io.millrace.sink.maintenance.TableMaintenance;
import io.millrace.sink.writer.BufferLimit;
import io.millrace.sink.writer.CommittedOffsets;
import io.millrace.sink.writer.LakeWriter;
import io.millrace.sink.writer.WriterTopology;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sink of one pipeline: the writer and the committer, two Kafka Streams applications. */
final class SinkStage implements Stage {
  private static final Logger LOG = LoggerFactory.getLogger(SinkStage.class);
  private static final String WRITER = "sink-writer";

  /** A sixth of the heap for rows; files, fetched records and descriptors need the rest. */
  private static final int HEAP_SHARE_OF_BUFFERS = 6;

  /** Outside of the heap, for the key indexes of all partitions. */
  private static final long INDEX_MEMORY = 32L << 20;

  private static final Duration DESCRIPTOR_RETENTION = Duration.ofDays(7);

  private final StageContext context;
  private final UnaryOperator<CommitHook> aroundWriter;
  private final UnaryOperator<CommitHook> aroundCommitter;
  private final PipelineFile pipeline;
  private final Topics topics;
  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
  private volatile @Nullable Running running;

  SinkStage(StageContext context) {
    this(context, UnaryOperator.identity(), UnaryOperator.identity());
  }

  /**
   * A sink with something around its hooks: what a test breaks.
   *
   * @param aroundWriter given the writer's hook
   * @param aroundCommitter given the committer's hook
   */
  SinkStage(
      StageContext context,
      UnaryOperator<CommitHook> aroundWriter,
      UnaryOperator<CommitHook> aroundCommitter) {
    this.aroundWriter = aroundWriter;
    this.aroundCommitter = aroundCommitter;
    this.context = context;
    this.pipeline = context.pipeline();
    this.topics = pipeline.topicNames();
  }

  private record Tools(
      Instance instance,
      LakeCatalog catalog,
      Admin admin,
      TopicIds topicIds,
      TopicOrder order,
      DescriptorCodec codec,
      SinkMetrics metrics) {}

  private record Application(StreamsRunner runner, Topology topology) {}

  private record Running(Application writer, Application committer, TableCreation creation) {}

  private record Committing(LakeCommitter committer, Application application) {}

  @Override
  public void start() {
    Tools tools = tools();
    TableCreation creation =
        closing(
            new TableCreation(
                pipeline.lakeTables(), tools.catalog(), context.registry(), context.fatal()));
    creation.start();
    // Closed in the opposite order: the committer may still commit what the writer ends with.
    Committing committing = committer(tools);
    Application writer = writer(tools);
    ScheduledMaintenance maintenance = closing(maintenance(tools, committing.committer()));
    running = new Running(writer, committing.application(), creation);
    committing.application().runner().start();
    writer.runner().start();
    maintenance.start();
  }

  private ScheduledMaintenance maintenance(Tools tools, LakeCommitter committer) {
    int partitions = pipeline.topics().partitions();
    return new ScheduledMaintenance(
        pipeline,
        new TableMaintenance(
            tools.catalog(), new PendingFiles(pipeline, context.registry()), Clock.systemUTC()),
        table -> committer.owns(table, partitions),
        context.meters());
  }

  private Tools tools() {
    Instance instance = closing(Instance.of(context.stateDirectory()));
    LakeCatalog catalog = closing(openCatalog());
    TopicOrder order = ensureTopics();
    Admin admin =
        closing(Admin.create(KafkaSettings.client(pipeline, topics.applicationId("sink-admin"))));
    return new Tools(
        instance,
        catalog,
        admin,
        new TopicIds(admin),
        order,
        new DescriptorCodec(context.registry(), topics.lakeCommits()),
        new SinkMetrics(context.meters()));
  }

  private Committing committer(Tools tools) {
    LakeCommitter committer =
        new LakeCommitter(
            tools.catalog(), tools.topicIds(), tools.metrics(), context.fatal(), Clock.systemUTC());
    return new Committing(
        committer,
        application(
            CommitterTopology.APPLICATION,
            new CommitterTopology(topics.lakeCommits(), tools.codec(), committer).topology(),
            SinkSettings.committer(),
            Map.of(),
            new HookedClients(tools.instance().id(), aroundCommitter.apply(committer))));
  }

  private Application writer(Tools tools) {
    LakeWriter writer = new LakeWriter(tools.codec(), tools.topicIds(), context.fatal());
    WriterTopology topology =
        new WriterTopology(
            context.stage(),
            tools.order().sorted(pipeline.lakeTables()),
            pipeline.topics().partitions(),
            context.registry(),
            tools.catalog(),
            pipeline.lake(),
            writer,
            new CommittedOffsets(tools.admin(), topics.applicationId(WRITER)),
            tools.topicIds(),
            new BufferLimit(Runtime.getRuntime().maxMemory() / HEAP_SHARE_OF_BUFFERS),
            tools.metrics(),
            context.fatal());
    RocksDbMemory memory =
        closing(
            new RocksDbMemory(INDEX_MEMORY, topology.indexes() * pipeline.topics().partitions()));
    return application(
        WRITER,
        topology.topology(),
        SinkSettings.writer(pipeline.lake().commitEvery()),
        Map.of(
            RocksDbMemory.SETTING,
            memory,
            StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG,
            BoundedRocksDb.class),
        new HookedClients(tools.instance().id(), aroundWriter.apply(writer)));
  }

  private Application application(
      String name,
      Topology topology,
      Map<String, String> settings,
      Map<String, Object> stores,
      HookedClients clients) {
    String id = topics.applicationId(name);
    Properties all = StreamsSettings.of(context, id, settings);
    all.putAll(stores);
    return new Application(
        closing(new StreamsRunner(context, id, topology, all, clients)), topology);
  }

  /** Creates what is missing; returns the order that all replicas have the topics in. */
  private TopicOrder ensureTopics() {
    try (TopicAdmin admin = new TopicAdmin(pipeline)) {
      pipeline.lakeTables().stream()
          .map(LakeTable::topic)
          .distinct()
          .forEach(admin::ensureCompacted);
      admin.ensureDeadLetters(topics.deadLetters(context.stage()));
      admin.ensureRetained(
          topics.lakeCommits(), pipeline.topics().partitions(), DESCRIPTOR_RETENTION);
      return new AgreementTopic<>(
              pipeline, topics.applicationId(WRITER), "topics", TopicOrder.class, TopicOrder.NONE)
          .update(admin, order -> order.with(pipeline.lakeTables()));
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
    for (Application application : List.of(now.writer(), now.committer())) {
      StageStatus status = application.runner().status();
      if (status.state() != StageStatus.State.SERVING) {
        return status;
      }
    }
    String waiting = now.creation().waiting();
    return StageStatus.serving(
        waiting.isEmpty() ? "writing and committing" : "waiting for the schemas of " + waiting);
  }

  @Override
  public String topology() {
    Running now = running;
    return now == null
        ? "not started yet"
        : "writer:\n%s\ncommitter:\n%s"
            .formatted(now.writer().topology().describe(), now.committer().topology().describe());
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

package io.millrace.runtime.streams;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.View;
import io.millrace.pipeline.plan.PipelinePlan;
import io.millrace.pipeline.plan.Relation;
import io.millrace.pipeline.plan.ViewPlan;
import io.millrace.pipeline.plan.ViewPlanner;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.PipelineSchemas;
import io.millrace.runtime.Stage;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus;
import io.millrace.runtime.TopicAdmin;
import io.millrace.runtime.serde.IncompatibleSchemaException;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.Topics;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyDescription;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stage that runs the views of one kind. Waits for the source tables' schemas, plans, creates
 * topics and registers schemas, and only then processes the first record.
 */
public final class ViewStage implements Stage {
  /** The {@code streams} setting for the memory of all state stores outside the heap, in bytes. */
  public static final String ROCKSDB_BYTES = "millrace.rocksdb.bytes";

  private static final Logger LOG = LoggerFactory.getLogger(ViewStage.class);
  private static final long DEFAULT_ROCKSDB_BYTES = 64L << 20;
  private static final long DEFAULT_CACHE_BYTES = 32L << 20;
  private static final int PRODUCER_BATCH_BYTES = 128 << 10;

  private final StageContext context;
  private final Relation.Kind kind;
  private final Function<ViewScope, ViewTopology> topologies;
  private final String applicationId;
  private volatile StageStatus waiting = StageStatus.starting("not started");
  private volatile @Nullable Topology topology;
  private volatile @Nullable StreamsRunner runner;
  private volatile @Nullable RocksDbMemory memory;

  /**
   * A stage; touches nothing yet.
   *
   * @param kind of the views that it runs
   * @param topologies makes the topology of its views
   */
  public ViewStage(
      StageContext context, Relation.Kind kind, Function<ViewScope, ViewTopology> topologies) {
    this.context = context;
    this.kind = kind;
    this.topologies = topologies;
    this.applicationId = context.pipeline().topicNames().applicationId(context.stage());
  }

  @Override
  public void start() throws InterruptedException {
    PipelineFile pipeline = context.pipeline();
    Collection<View> declared =
        kind == Relation.Kind.ENRICHED_VIEW
            ? pipeline.enrich().values()
            : pipeline.aggregate().values();
    if (declared.isEmpty()) {
      LOG.info("The pipeline has no views for this stage, which has nothing to do");
      waiting = StageStatus.serving("the pipeline has no views for this stage");
      return;
    }
    waiting = StageStatus.starting("waiting for the schemas of the source tables");
    PipelineSchemas schemas = new PipelineSchemas(pipeline, context.registry());
    PipelinePlan plan = ViewPlanner.plan(pipeline, schemas.sourceTables());
    waiting = StageStatus.starting("creating topics and registering schemas");
    List<ViewTopic> views =
        plan.views().values().stream()
            .filter(view -> view.output().kind() == kind)
            .map(this::viewTopic)
            .toList();
    Properties settings = settings(pipeline);
    ViewTopology made =
        topologies.apply(
            new ViewScope(
                context.stage(),
                pipeline.topicNames(),
                views,
                context.registry(),
                context.meters(),
                settings));
    topology = made.topology();
    RocksDbMemory shared = memory(made.topology());
    memory = shared;
    settings.put(RocksDbMemory.SETTING, shared);
    prepare(views, made.internalSchemas(), ViewDefinitions.of(declared));
    StreamsRunner started = new StreamsRunner(context, applicationId, made.topology(), settings);
    runner = started;
    started.start();
    LOG.info("Running views {}", views.stream().map(view -> view.plan().output().name()).toList());
  }

  private ViewTopic viewTopic(ViewPlan plan) {
    return new ViewTopic(plan, topicOf(plan.output()), plan.output().row());
  }

  private String topicOf(Relation relation) {
    Topics topics = context.pipeline().topicNames();
    return switch (relation.kind()) {
      case SOURCE_TABLE -> topics.changes(relation.name());
      case ENRICHED_VIEW -> topics.view(relation.name());
      case AGGREGATE_VIEW -> topics.aggregate(relation.name());
    };
  }

  private Properties settings(PipelineFile pipeline) {
    Properties settings = KafkaSettings.streams(context, applicationId, pipeline.streams());
    settings.putIfAbsent(
        StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, String.valueOf(DEFAULT_CACHE_BYTES));
    // Views are right at rest whatever the order between topics; keeping it costs 6 % of the time.
    settings.putIfAbsent(
        StreamsConfig.MAX_TASK_IDLE_MS_CONFIG,
        String.valueOf(StreamsConfig.MAX_TASK_IDLE_MS_DISABLED));
    settings.putIfAbsent(
        StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG),
        String.valueOf(PRODUCER_BATCH_BYTES));
    settings.putIfAbsent(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDb.class);
    return settings;
  }

  private RocksDbMemory memory(Topology topology) {
    PipelineFile pipeline = context.pipeline();
    String bytes =
        pipeline.streams().getOrDefault(ROCKSDB_BYTES, String.valueOf(DEFAULT_ROCKSDB_BYTES));
    long stores =
        topology.describe().subtopologies().stream()
            .flatMap(part -> part.nodes().stream())
            .flatMap(
                node ->
                    node instanceof TopologyDescription.Processor processor
                        ? processor.stores().stream()
                        : Stream.empty())
            .distinct()
            .count();
    return new RocksDbMemory(
        Long.parseLong(bytes), Math.toIntExact(stores * pipeline.topics().partitions()));
  }

  /** Makes sure that the topology may run, and all that it needs in Kafka and the registry. */
  private void prepare(
      List<ViewTopic> views, Map<String, Schema> internal, ViewDefinitions definitions) {
    ViewDefinitionTopic earlier = new ViewDefinitionTopic(context.pipeline(), applicationId);
    try (TopicAdmin admin = new TopicAdmin(context.pipeline())) {
      earlier.check(admin, definitions);
      views.stream()
          .flatMap(view -> Scans.of(view.plan().root()))
          .map(scan -> topicOf(scan.relation()))
          .distinct()
          .forEach(admin::ensureCompacted);
      views.forEach(view -> admin.ensureCompacted(view.topic()));
      admin.ensureDeadLetters(context.pipeline().topicNames().deadLetters(context.stage()));
    }
    register(views, internal);
    earlier.record(definitions);
  }

  private void register(List<ViewTopic> views, Map<String, Schema> internal) {
    SchemaRegistry registry = context.registry();
    try {
      internal.forEach(registry::register);
      for (ViewTopic view : views) {
        registry.register(Topics.keySubject(view.topic()), view.plan().output().key());
        registry.register(Topics.valueSubject(view.topic()), view.row());
      }
    } catch (IncompatibleSchemaException e) {
      throw new IllegalStateException(
          "the rows of a view changed incompatibly: "
              + e.getMessage()
              + ". "
              + ViewDefinitionTopic.remedy(applicationId),
          e);
    }
  }

  @Override
  public StageStatus status() {
    StreamsRunner running = runner;
    return running == null ? waiting : running.status();
  }

  @Override
  public String topology() {
    Topology made = topology;
    return made == null ? waiting.detail() : made.describe().toString();
  }

  @Override
  public void close() {
    StreamsRunner running = runner;
    if (running != null) {
      running.close();
    }
    RocksDbMemory shared = memory;
    // Stores that are still open would use it after its end.
    if (shared != null && (running == null || running.streams().state().hasCompletedShutdown())) {
      shared.close();
    }
  }
}

package io.millrace.runtime.streams;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.View;
import io.millrace.pipeline.plan.PipelinePlan;
import io.millrace.pipeline.plan.Relation;
import io.millrace.pipeline.plan.ViewPlan;
import io.millrace.pipeline.plan.ViewPlanner;
import io.millrace.runtime.PipelineSchemas;
import io.millrace.runtime.Stage;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus;
import io.millrace.runtime.TopicAdmin;
import io.millrace.runtime.serde.IncompatibleSchemaException;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stage that runs the views of one kind. Waits for the source tables' schemas, plans, creates
 * topics and registers schemas, and only then processes the first record. Views that are new since
 * it last ran get an application of their own, which reads from the start of its topics while the
 * others go on.
 */
public final class ViewStage implements Stage {
  /** The {@code streams} setting for the memory of all state stores outside the heap, in bytes. */
  public static final String ROCKSDB_BYTES = "millrace.rocksdb.bytes";

  private static final Logger LOG = LoggerFactory.getLogger(ViewStage.class);
  private static final long DEFAULT_ROCKSDB_BYTES = 64L << 20;

  private final StageContext context;
  private final Relation.Kind kind;
  private final Function<ViewScope, ViewTopology> topologies;
  private volatile StageStatus waiting = StageStatus.starting("not started");
  private volatile List<ViewApplication> applications = List.of();
  private volatile List<StreamsRunner> runners = List.of();
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
    applications = prepare(views, ViewDefinitions.of(declared));
    run(applications);
  }

  private ViewTopic viewTopic(ViewPlan plan) {
    String topic = ViewTopic.name(context.pipeline().topicNames(), plan.output());
    return new ViewTopic(plan, topic, plan.output().row());
  }

  /** Makes sure that the views may run, and all that they need in Kafka and the registry. */
  private List<ViewApplication> prepare(List<ViewTopic> views, ViewDefinitions definitions) {
    PipelineFile pipeline = context.pipeline();
    String stage = pipeline.topicNames().applicationId(context.stage());
    ViewApplications applications = new ViewApplications(context, topologies, views);
    try (TopicAdmin admin = new TopicAdmin(pipeline)) {
      Generations generations =
          new AgreementTopic<>(pipeline, stage, "views", Generations.class, Generations.NONE)
              .update(admin, before -> applications.declare(before, definitions, admin));
      List<ViewApplication> made = applications.of(generations);
      made.forEach(application -> application.ensureTopics(admin));
      made.forEach(this::register);
      return made;
    }
  }

  private void register(ViewApplication application) {
    try {
      application.register(context.registry());
    } catch (IncompatibleSchemaException e) {
      throw new IllegalStateException(
          "the rows of a view changed incompatibly: " + e.getMessage() + ". " + Generations.REMEDY,
          e);
    }
  }

  private void run(List<ViewApplication> applications) {
    RocksDbMemory shared = memory(applications);
    memory = shared;
    runners =
        applications.stream()
            .map(
                one -> {
                  one.settings().put(RocksDbMemory.SETTING, shared);
                  return new StreamsRunner(
                      context, one.id(), one.topology().topology(), one.settings());
                })
            .toList();
    runners.forEach(StreamsRunner::start);
    applications.forEach(one -> LOG.info("{} runs views {}", one.id(), one.viewNames()));
  }

  private RocksDbMemory memory(List<ViewApplication> applications) {
    PipelineFile pipeline = context.pipeline();
    String bytes =
        pipeline.streams().getOrDefault(ROCKSDB_BYTES, String.valueOf(DEFAULT_ROCKSDB_BYTES));
    long stores = applications.stream().mapToLong(ViewApplication::stores).sum();
    return new RocksDbMemory(
        Long.parseLong(bytes), Math.toIntExact(stores * pipeline.topics().partitions()));
  }

  @Override
  public StageStatus status() {
    List<StreamsRunner> running = runners;
    return running.isEmpty()
        ? waiting
        : StageStatus.worst(running.stream().map(StreamsRunner::status).toList());
  }

  @Override
  public String topology() {
    List<ViewApplication> made = applications;
    return made.isEmpty()
        ? waiting.detail()
        : made.stream()
            .map(one -> one.id() + "\n" + one.topology().topology().describe())
            .collect(Collectors.joining("\n"));
  }

  @Override
  public void close() {
    List<StreamsRunner> running = runners;
    running.parallelStream().forEach(StreamsRunner::close);
    RocksDbMemory shared = memory;
    // Stores that are still open would use it after its end.
    if (shared != null
        && running.stream().allMatch(one -> one.streams().state().hasCompletedShutdown())) {
      shared.close();
    }
  }
}

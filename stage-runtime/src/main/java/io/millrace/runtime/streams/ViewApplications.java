package io.millrace.runtime.streams;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.StreamsSettings;
import io.millrace.runtime.TopicAdmin;
import io.millrace.schemas.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** Makes the applications of a stage's views out of its generations. */
final class ViewApplications {
  private static final long DEFAULT_CACHE_BYTES = 32L << 20;
  private static final int PRODUCER_BATCH_BYTES = 128 << 10;

  private final StageContext context;
  private final Function<ViewScope, ViewTopology> topologies;
  private final List<ViewTopic> views;
  private final Set<String> names;

  /**
   * Applications of {@code views}.
   *
   * @param views the stage's, in dependency order
   */
  ViewApplications(
      StageContext context, Function<ViewScope, ViewTopology> topologies, List<ViewTopic> views) {
    this.context = context;
    this.topologies = topologies;
    this.views = views;
    this.names =
        views.stream().map(view -> view.plan().output().name()).collect(Collectors.toSet());
  }

  /**
   * The generations of a file with these views.
   *
   * @param before those that ran so far
   * @throws IllegalStateException when the rows of a view would not be those of its SQL, with what
   *     to do
   */
  Generations declare(Generations before, ViewDefinitions definitions, TopicAdmin admin) {
    Generations after = before.declaring(definitions);
    for (ViewTopic view : views) {
      if (before.of(view.plan().output().name()) == null && admin.holdsRecords(view.topic())) {
        throw new IllegalStateException(
            "view '%s' is new, but its topic %s holds rows already: give the view another name, or"
                    .formatted(view.plan().output().name(), view.topic())
                + " delete the topic and the lake table that it feeds");
      }
    }
    List<Generation> laidOut = new ArrayList<>();
    for (int i = 0; i < after.all().size(); i++) {
      Generation one = after.all().get(i);
      laidOut.add(
          one.layout().equals(TopologyLayout.NONE) && one.runs(names)
              ? one.with(application(i, one, 1).layout())
              : one);
    }
    return new Generations(laidOut);
  }

  /**
   * The applications that run.
   *
   * @throws IllegalStateException when one cannot go on with the sub-topologies that it began with
   */
  List<ViewApplication> of(Generations generations) {
    int running =
        Math.toIntExact(generations.all().stream().filter(one -> one.runs(names)).count());
    List<ViewApplication> made = new ArrayList<>();
    for (int i = 0; i < generations.all().size(); i++) {
      Generation one = generations.all().get(i);
      if (one.runs(names)) {
        ViewApplication application = application(i, one, running);
        requireLayout(application, one.layout());
        made.add(application);
      }
    }
    return List.copyOf(made);
  }

  private static void requireLayout(ViewApplication application, TopologyLayout begun) {
    if (!application.layout().equals(begun)) {
      throw new IllegalStateException(
          ("%s began with sub-topologies over %s, which would now be over %s: this version of"
                  + " Millrace plans the views %s differently. Go back to the version before, or"
                  + " give these views new names")
              .formatted(
                  application.id(),
                  begun.roots(),
                  application.layout().roots(),
                  application.viewNames()));
    }
  }

  private ViewApplication application(int index, Generation generation, int running) {
    PipelineFile pipeline = context.pipeline();
    Topics topics = pipeline.topicNames();
    String id = Generations.applicationId(topics.applicationId(context.stage()), index);
    Properties settings = settings(id, running);
    List<ViewTopic> own =
        views.stream()
            .filter(view -> generation.views().containsKey(view.plan().output().name()))
            .toList();
    ViewTopology topology =
        topologies.apply(
            new ViewScope(
                    context.stage(), topics, own, context.registry(), context.meters(), settings)
                .laidOut(generation.layout()));
    return new ViewApplication(id, own, generation.layout(), topology, settings);
  }

  /**
   * Settings of one application.
   *
   * @param running how many share the memory
   */
  private Properties settings(String id, int running) {
    Properties settings = StreamsSettings.of(context, id, context.pipeline().streams());
    Object cache =
        settings.getOrDefault(
            StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, String.valueOf(DEFAULT_CACHE_BYTES));
    settings.put(
        StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG,
        String.valueOf(Long.parseLong(cache.toString()) / running));
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
}

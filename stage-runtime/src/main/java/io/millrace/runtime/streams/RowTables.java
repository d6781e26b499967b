package io.millrace.runtime.streams;

import io.millrace.pipeline.plan.Relation;
import io.millrace.pipeline.plan.RowFunction;
import io.millrace.pipeline.plan.RowPredicate;
import io.millrace.pipeline.plan.ViewNode;
import io.millrace.pipeline.plan.ViewPlan;
import io.millrace.runtime.serde.RowSerde;
import io.millrace.schemas.Row;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Turns the plans of one application's views into tables of Kafka Streams: scans, filters,
 * projections, foreign-key joins and outputs. Every operator, store and internal topic is named
 * after its view and its place in it, so that another view changes no name.
 *
 * <p>A topic is its own changelog ({@code topology.optimization=all}): tables over topics keep the
 * bytes that they read.
 */
public final class RowTables {
  private final ViewScope scope;
  private final StreamsBuilder builder;
  private final ViewMetrics metrics;
  private final AggregateOperator aggregates;
  private final ScannedColumns scanned;
  private final StatefulRelations stateful;
  private final TopicTables topics;
  private final Map<String, RowTable<?>> views = new HashMap<>();
  private final Map<String, OperatorNames> names = new HashMap<>();
  private final Map<String, Schema> internal = new TreeMap<>();

  /**
   * Tables of one application.
   *
   * @param scope with the views
   * @param aggregates makes the aggregates among their operators
   */
  public RowTables(ViewScope scope, AggregateOperator aggregates) {
    List<ViewPlan> plans = scope.views().stream().map(ViewTopic::plan).toList();
    this.scope = scope;
    this.builder = scope.builder();
    this.metrics = new ViewMetrics(scope.meters());
    this.aggregates = aggregates;
    this.scanned = new ScannedColumns(plans);
    this.stateful = new StatefulRelations(plans);
    this.topics = new TopicTables(builder, scope, scanned, stateful, metrics);
  }

  /** Makes the table of an aggregate. */
  @FunctionalInterface
  public interface AggregateOperator {
    /**
     * The table of the groups.
     *
     * @param names names the operator, its store and its repartition topic
     */
    RowTable<?> aggregate(RowTables tables, ViewNode.Aggregate node, OperatorNames names);
  }

  /** Adds a view, whose rows go to its topic, after the views that it scans. */
  private void add(ViewTopic view) {
    if (views.containsKey(view.plan().output().name())) {
      return;
    }
    Scans.of(view.plan().root())
        .flatMap(scan -> scope.view(scan.relation().name()).stream())
        .forEach(this::add);
    write(view);
  }

  private void write(ViewTopic view) {
    Relation output = view.plan().output();
    RowTable<?> root = table(view.plan().root(), names(output.name()));
    String name = output.name() + "-rows";
    boolean keep = stateful.contains(output.name());
    KTable<Row, Row> rows = keep ? keptRows(root, name) : rows(root, name);
    RowTable.Source<Row> source =
        new RowTable.Source<>(
            rows,
            root.key(),
            root.source().keySerde(),
            internalSerde(name, root.row()),
            (key, row) -> row,
            false,
            keep || root.source().kept());
    views.put(output.name(), RowTable.of(source, root.row()));
    rows.toStream(Named.as(output.name() + "-changes"))
        .process(() -> new ViewOutput(view, metrics), Named.as(output.name() + "-output"))
        .to(
            view.topic(),
            Produced.<Row, @Nullable Row>with(
                    view.keySerde(scope.registry()), view.rowSerde(scope.registry()))
                .withName(output.name() + "-sink"));
  }

  /**
   * Begins the sub-topology of a root, which gets the next number. Where its views were taken away,
   * a source alone holds the number.
   */
  private void settle(String root) {
    Optional<ViewTopic> grouping = scope.view(OperatorNames.viewOf(root));
    Optional<Relation> relation = scope.scanned(root);
    if (TopologyLayout.internal(root) && grouping.isPresent()) {
      add(grouping.get());
    } else if (relation.isPresent()) {
      topics.table(relation.get());
    } else {
      builder.stream(
          scope.fullName(root),
          Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()).withName(root + "-held"));
    }
  }

  private OperatorNames names(String view) {
    return names.computeIfAbsent(view, OperatorNames::new);
  }

  /** The rows of a plan's operator. */
  public RowTable<?> table(ViewNode node, OperatorNames names) {
    return switch (node) {
      case ViewNode.Scan scan -> scan(scan);
      case ViewNode.Filter filter ->
          table(filter.input(), names).then(keepIf(filter.condition()), filter.row());
      case ViewNode.Project project ->
          table(project.input(), names)
              .then(compute(project.projection(), project.row()), project.row());
      case ViewNode.ForeignKeyJoin join -> new RowJoin(this, names).table(join);
      case ViewNode.Aggregate aggregate -> aggregates.aggregate(this, aggregate, names);
    };
  }

  private static RowStep keepIf(RowPredicate condition) {
    return row -> condition.test(row.values()) ? row : null;
  }

  private static RowStep compute(RowFunction projection, Schema schema) {
    return row -> new Row(schema, projection.apply(row.values()));
  }

  private RowTable<?> scan(ViewNode.Scan scan) {
    Relation relation = scan.relation();
    RowTable<?> view = views.get(relation.name());
    if (view != null) {
      return view.thenSafely(ScannedColumns.pick(scan.columns(), scan.row()), scan.row());
    }
    return topics.table(relation).thenSafely(scanned.pick(scan), scan.row());
  }

  /** The serde of rows in a store or an internal topic. */
  public Serde<Row> internalSerde(String name, Schema schema) {
    String subject = scope.topics().applicationId(scope.stage()) + "-" + name;
    internal.put(subject, schema);
    return JoinableRows.serde(new RowSerde(scope.registry(), subject, schema));
  }

  /** The topology of all views, laid out as the scope says. */
  public ViewTopology build() {
    scope.layout().roots().forEach(this::settle);
    scope.views().forEach(this::add);
    return new ViewTopology(builder.build(scope.settings()), Map.copyOf(internal));
  }

  /** A table's rows; operators that need old values cannot have them from it. */
  <V> KTable<Row, Row> rows(RowTable<V> table, String name) {
    return mapped(
        table,
        name,
        Materialized.with(table.source().keySerde(), internalSerde(name, table.row())));
  }

  /**
   * A table's rows for an operator that needs old values: from the store that {@code table} comes
   * from, or else from a store of their own.
   */
  public <V> KTable<Row, Row> keptRows(RowTable<V> table, String name) {
    if (table.source().kept()) {
      return rows(table, name);
    }
    return mapped(
        table, name, uncached(name, table.source().keySerde(), internalSerde(name, table.row())));
  }

  /**
   * A store that passes on every change at once. A cache would keep to itself a row that came and
   * went between two commits, which a join may have looked up in it meanwhile.
   */
  static <V> Materialized<Row, V, KeyValueStore<Bytes, byte[]>> uncached(
      String name, Serde<Row> keySerde, Serde<V> valueSerde) {
    return Materialized.<Row, V, KeyValueStore<Bytes, byte[]>>as(name)
        .withKeySerde(keySerde)
        .withValueSerde(valueSerde)
        .withCachingDisabled();
  }

  private <V> KTable<Row, Row> mapped(
      RowTable<V> rows, String name, Materialized<Row, Row, KeyValueStore<Bytes, byte[]>> as) {
    RowTable<V> table = rows.within(scope.largestRecord());
    RowTable.Source<V> source = table.source();
    if (table.fallible()) {
      putPoisonAside(table, name);
    }
    return source
        .table()
        .mapValues((key, value) -> table.rowOrNull(key, value), Named.as(name), as);
  }

  private <V> void putPoisonAside(RowTable<V> table, String name) {
    RowTable.Source<V> source = table.source();
    DeadLetters letters = scope.deadLetters();
    String view = OperatorNames.viewOf(name);
    KStream<Row, V> poison =
        source
            .table()
            .toStream(Named.as(name + "-checked"))
            .process(
                () -> new PoisonRows<>(table, letters, view, name), Named.as(name + "-poison"));
    if (!source.received()) {
      poison.to(
          scope.topics().deadLetters(scope.stage()),
          Produced.with(source.keySerde(), source.valueSerde()).withName(name + "-letters"));
    }
  }
}

package io.millrace.runtime.testing;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.plan.Relation;
import io.millrace.pipeline.plan.ViewPlanner;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.StreamsSettings;
import io.millrace.runtime.serde.RowDecoder;
import io.millrace.runtime.serde.RowSerde;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.runtime.streams.ViewScope;
import io.millrace.runtime.streams.ViewTopic;
import io.millrace.runtime.streams.ViewTopology;
import io.millrace.schemas.Row;
import io.millrace.schemas.Topics;
import java.nio.file.Path;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Function;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/** Runs a stage's views without a broker: changes of tables in, rows of views out. */
public final class ViewDriver implements AutoCloseable {
  private final Map<String, TestTable> tables = new HashMap<>();
  private final Map<String, ViewTopic> views = new LinkedHashMap<>();
  private final Map<String, Map<List<@Nullable Object>, Row>> contents = new HashMap<>();
  private final Map<String, List<TestRecord<byte[], byte[]>>> records = new HashMap<>();
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final SchemaRegistry registry;
  private final RowDecoder decoder;
  private final String deadLetters;
  private final ViewTopology topology;
  private final TopologyTestDriver driver;
  private final Map<String, TestInputTopic<byte[], byte[]>> inputs = new HashMap<>();
  private long sequence;

  /**
   * Plans the file's views over {@code tables} and runs those of one kind.
   *
   * @param pipeline the file; nothing of it but its name and views is used
   * @param topologies makes the topology under test
   */
  public ViewDriver(
      PipelineFile pipeline,
      String stage,
      Relation.Kind kind,
      SchemaRegistry registry,
      Collection<TestTable> tables,
      Path stateDirectory,
      Function<ViewScope, ViewTopology> topologies) {
    this.registry = registry;
    this.decoder = new RowDecoder(registry);
    Topics topics = pipeline.topicNames();
    this.deadLetters = topics.deadLetters(stage);
    Map<String, Relation> relations = new LinkedHashMap<>();
    for (TestTable table : tables) {
      this.tables.put(table.name(), table);
      relations.put(table.name(), table.relation());
    }
    ViewPlanner.plan(pipeline, relations)
        .views()
        .forEach(
            (name, plan) -> {
              String topic =
                  plan.output().kind() == Relation.Kind.ENRICHED_VIEW
                      ? topics.view(name)
                      : topics.aggregate(name);
              views.put(name, new ViewTopic(plan, topic, plan.output().row()));
            });
    StageContext context =
        new StageContext(stage, pipeline, stateDirectory, registry, meters, message -> {});
    Properties settings = StreamsSettings.of(context, topics.applicationId(stage), Map.of());
    settings.put(
        StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG,
        BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers.class);
    List<ViewTopic> run =
        views.values().stream().filter(view -> view.plan().output().kind() == kind).toList();
    this.topology = topologies.apply(new ViewScope(stage, topics, run, registry, meters, settings));
    this.driver = new TopologyTestDriver(topology.topology(), settings);
  }

  /** The topology under test. */
  public Topology topology() {
    return topology.topology();
  }

  /** What it counts. */
  public MeterRegistry meters() {
    return meters;
  }

  /** Inserts or replaces a row of a source table; the first values are its primary key. */
  public void put(String table, @Nullable Object... row) {
    TestTable source = requireNonNull(tables.get(table));
    send(source.topic(), source.key(row), source.upsert(++sequence, row));
  }

  /** Deletes a row of a source table: a change event, then a tombstone. */
  public void delete(String table, @Nullable Object... key) {
    TestTable source = requireNonNull(tables.get(table));
    send(source.topic(), source.key(key), source.delete(++sequence, key));
    send(source.topic(), source.key(key), null);
  }

  /** Sends a row of a view that the stage under test reads from its topic, metadata appended. */
  public void putView(String view, @Nullable Object... columns) {
    ViewTopic topic = view(view);
    @Nullable Object[] row = Arrays.copyOf(columns, columns.length + 2);
    row[columns.length] = ++sequence * 1_000_000;
    row[columns.length + 1] = "%016x-%08x".formatted(sequence, 0);
    Row value = new Row(topic.row(), row);
    byte[] bytes =
        new RowSerde(registry, Topics.valueSubject(topic.topic()), topic.row())
            .serializer()
            .serialize(topic.topic(), value);
    send(topic.topic(), viewKey(topic, columns), bytes, sequence * 1000);
  }

  /** Sends the tombstone of a view's row. */
  public void deleteView(String view, @Nullable Object... columns) {
    ViewTopic topic = view(view);
    send(topic.topic(), viewKey(topic, columns), null, ++sequence * 1000);
  }

  private byte[] viewKey(ViewTopic topic, @Nullable Object[] columns) {
    var schema = topic.plan().output().key();
    Row key = new Row(schema);
    for (var field : schema.getFields()) {
      key.put(field.pos(), columns[topic.row().getField(field.name()).pos()]);
    }
    return new RowSerde(registry, Topics.keySubject(topic.topic()), schema)
        .serializer()
        .serialize(topic.topic(), key);
  }

  private ViewTopic view(String name) {
    return requireNonNull(views.get(name));
  }

  /** Sends a record as it is. */
  public void send(String topic, byte[] key, byte @Nullable [] value) {
    send(topic, key, value, System.currentTimeMillis());
  }

  private void send(String topic, byte[] key, byte @Nullable [] value, long timestamp) {
    inputs
        .computeIfAbsent(
            topic,
            any ->
                driver.createInputTopic(
                    topic, new ByteArraySerializer(), new ByteArraySerializer()))
        .pipeInput(key, value, timestamp);
  }

  /** A view's rows now, without metadata: what is left of its topic after compaction. */
  public List<List<@Nullable Object>> rows(String view) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (Row row : content(view).values()) {
      rows.add(Arrays.asList(Arrays.copyOf(row.values(), row.values().length - 2)));
    }
    return rows;
  }

  /** {@code _source_ts} of a view's row in seconds, which is the number of the change. */
  public long sourceSecond(String view, @Nullable Object... key) {
    Row row = requireNonNull(content(view).get(Arrays.asList(key)));
    Long micros = (Long) requireNonNull(row.values()[row.values().length - 2]);
    return micros / 1_000_000;
  }

  /** A view's rows now, by key. */
  public Map<List<@Nullable Object>, Row> content(String view) {
    drain();
    return contents.getOrDefault(view(view).topic(), Map.of());
  }

  /** Every record that went to a view's topic, decoded: keys to rows, null for tombstones. */
  public List<Map.Entry<List<@Nullable Object>, @Nullable Row>> history(String view) {
    drain();
    List<Map.Entry<List<@Nullable Object>, @Nullable Row>> history = new ArrayList<>();
    for (var record : records.getOrDefault(view(view).topic(), List.of())) {
      history.add(
          new AbstractMap.SimpleEntry<>(
              Arrays.asList(requireNonNull(decoder.decode(record.key())).values()),
              decoder.decode(record.value())));
    }
    return history;
  }

  /** The dead letters so far. */
  public List<TestRecord<byte[], byte[]>> deadLetters() {
    drain();
    return records.getOrDefault(deadLetters, List.of());
  }

  private void drain() {
    for (String topic : driver.producedTopicNames()) {
      var output =
          driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
      List<TestRecord<byte[], byte[]>> fresh = output.readRecordsToList();
      records.computeIfAbsent(topic, any -> new ArrayList<>()).addAll(fresh);
      if (!topic.equals(deadLetters)) {
        fresh.forEach(record -> apply(topic, record));
      }
    }
  }

  private void apply(String topic, TestRecord<byte[], byte[]> record) {
    if (views.values().stream().noneMatch(view -> view.topic().equals(topic))) {
      return;
    }
    var content = contents.computeIfAbsent(topic, any -> new LinkedHashMap<>());
    var key = Arrays.asList(requireNonNull(decoder.decode(record.key())).values());
    Row row = decoder.decode(record.value());
    if (row == null) {
      content.remove(key);
    } else {
      content.put(key, row);
    }
  }

  @Override
  public void close() {
    driver.close();
  }
}

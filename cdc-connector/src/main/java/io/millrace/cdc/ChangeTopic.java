package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.Topics;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.kafka.connect.data.Field;
import org.jspecify.annotations.Nullable;

/**
 * The change topic of one table: its schemas in the registry, and the encoder for the version of
 * the table's schema that the source is at. Used by one thread.
 */
final class ChangeTopic {
  private final PipelineFile pipeline;
  private final SchemaRegistry registry;
  private final CapturedTable table;
  private final CapturedSource source;
  private final String topic;
  private final CdcMetrics.TableMetrics metrics;
  private final Schema key;
  private Schema envelope;

  /** Types of all columns in the envelopes that were met, by name. */
  private final Map<String, ColumnType> seen = new HashMap<>();

  private ChangeTopic(
      PipelineFile pipeline,
      SchemaRegistry registry,
      CapturedTable table,
      CapturedSource source,
      CdcMetrics metrics,
      TableSchemas schemas) {
    this.pipeline = pipeline;
    this.registry = registry;
    this.table = table;
    this.source = source;
    this.topic = pipeline.topicNames().changes(table.name());
    this.metrics = metrics.table(table.name(), topic);
    this.key = schemas.key();
    this.envelope = schemas.envelope();
  }

  private void see(Schema version) {
    ChangeEvent.row(version)
        .getFields()
        .forEach(field -> seen.put(field.name(), ColumnType.ofAvro(field.schema()).orElseThrow()));
  }

  /**
   * Registers the schemas of a table as the database has it now.
   *
   * @throws IllegalStateException when they contradict what was registered before
   */
  static ChangeTopic register(
      PipelineFile pipeline,
      SchemaRegistry registry,
      CapturedTable table,
      CapturedSource source,
      CdcMetrics metrics) {
    String topic = pipeline.topicNames().changes(table.name());
    Optional<Schema> registered = registry.latest(Topics.valueSubject(topic));
    TableSchemas schemas =
        schemas(pipeline, table, table.columns(), registered.orElse(null), Map.of());
    Optional<Schema> key = registry.latest(Topics.keySubject(topic));
    if (key.isPresent() && !key.get().equals(schemas.key())) {
      throw keyChanged(table);
    }
    registry.register(Topics.keySubject(topic), schemas.key());
    registry.register(Topics.valueSubject(topic), schemas.envelope());
    ChangeTopic changes = new ChangeTopic(pipeline, registry, table, source, metrics, schemas);
    registered.ifPresent(changes::see);
    changes.see(schemas.envelope());
    return changes;
  }

  private static TableSchemas schemas(
      PipelineFile pipeline,
      CapturedTable table,
      List<Column> columns,
      @Nullable Schema registered,
      Map<String, ColumnType> elsewhere) {
    return TableSchemas.of(
        "io.millrace." + pipeline.pipeline(),
        table.name(),
        table.primaryKey(),
        columns,
        table.comments(),
        registered,
        elsewhere);
  }

  private static IllegalStateException keyChanged(CapturedTable table) {
    return new IllegalStateException(
        "The primary key of table %s changed, and its topic is keyed by the old one: change it"
                .formatted(table.from())
            + " back, or start a pipeline under a new name");
  }

  /**
   * The encoder of records in a version of the table's schema, registering it if it is new.
   *
   * @param key the records' Connect key schema
   * @param value the records' Connect envelope schema
   * @throws IllegalStateException when readers of the topic could not follow the change
   */
  ChangeEncoder encoder(
      org.apache.kafka.connect.data.@Nullable Schema key,
      org.apache.kafka.connect.data.Schema value) {
    Set<String> keyNames =
        key == null || table.isKeyless()
            ? Set.of()
            : key.fields().stream().map(Field::name).collect(Collectors.toSet());
    if (!keyNames.equals(new HashSet<>(table.primaryKey()))) {
      throw keyChanged(table);
    }
    return encoder(
        RowWriter.columns(table.name(), value.field("after").schema(), source.capturedTypes()));
  }

  /** An encoder of deletions in the version of the table's schema that was used last. */
  DeletionEncoder deletionEncoder() {
    List<Column> last =
        ChangeEvent.row(envelope).getFields().stream()
            .map(
                field ->
                    new Column(
                        field.name(),
                        ColumnType.ofAvro(field.schema()).orElseThrow(),
                        field.schema().isNullable()))
            .toList();
    ChangeEncoder encoder = encoder(last);
    return new DeletionEncoder(registry, envelope, encoder);
  }

  /**
   * The encoder of rows with these columns, registering their schema if it is new.
   *
   * @throws IllegalStateException when readers of the topic could not follow the change
   */
  ChangeEncoder encoder(List<Column> now) {
    TableSchemas schemas = schemas(pipeline, table, now, envelope, seen);
    // The same key in another schema would have other bytes, and another partition.
    if (!schemas.key().equals(key)) {
      throw keyChanged(table);
    }
    int keyId = registry.register(Topics.keySubject(topic), schemas.key());
    int valueId = registry.register(Topics.valueSubject(topic), schemas.envelope());
    envelope = schemas.envelope();
    see(envelope);
    return new ChangeEncoder(
        keyId,
        valueId,
        table.primaryKey().stream().map(name -> keyColumn(schemas, name)).toList(),
        schemas.columns(),
        pipeline.pipeline(),
        source,
        table.from());
  }

  /** A key column is never null, whatever the row's schema allows. */
  private static Column keyColumn(TableSchemas schemas, String name) {
    Column column =
        schemas.columns().stream()
            .filter(candidate -> candidate.name().equals(name))
            .findFirst()
            .orElseThrow();
    return new Column(name, column.type(), false);
  }

  CapturedTable table() {
    return table;
  }

  String topic() {
    return topic;
  }

  CdcMetrics.TableMetrics metrics() {
    return metrics;
  }

  @Override
  public String toString() {
    return Objects.requireNonNull(topic);
  }
}

package io.millrace.runtime.testing;

import io.millrace.pipeline.plan.Relation;
import io.millrace.runtime.PipelineSchemas;
import io.millrace.runtime.serde.RowSerde;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.Row;
import io.millrace.schemas.SourceMetadata;
import io.millrace.schemas.Topics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** A source table as cdc-connector would publish it: schemas, keys and change events. */
public final class TestTable {
  private final String name;
  private final String topic;
  private final Schema key;
  private final Schema row;
  private final Schema envelope;
  private final Serializer<Row> keys;
  private final Serializer<Row> values;

  /**
   * A table, whose schemas are registered.
   *
   * @param pipeline names its topic
   * @param keyColumns how many of the first columns are the primary key
   * @param columns each {@code name type}, with {@code ?} behind a nullable column's type: int,
   *     long, string, boolean, date, timestamptz, timestamp, bytes, {@code decimal(p,s)}
   */
  public TestTable(
      SchemaRegistry registry, String pipeline, String name, int keyColumns, String... columns) {
    this.name = name;
    this.topic = new Topics(pipeline).changes(name);
    String namespace = "io.millrace." + pipeline;
    List<String> all = Arrays.asList(columns);
    this.key = record(name + "_key", namespace, all.subList(0, keyColumns));
    this.row = record(name, namespace, all);
    this.envelope = ChangeEvent.schema(row);
    registry.register(Topics.keySubject(topic), key);
    registry.register(Topics.valueSubject(topic), envelope);
    this.keys = new RowSerde(registry, Topics.keySubject(topic), key).serializer();
    this.values = new RowSerde(registry, Topics.valueSubject(topic), envelope).serializer();
  }

  private static Schema record(String name, String namespace, List<String> columns) {
    List<Schema.Field> fields = new ArrayList<>();
    for (String column : columns) {
      int space = column.indexOf(' ');
      String columnName = column.substring(0, space);
      boolean nullable = column.endsWith("?");
      Schema type = type(column.substring(space + 1, column.length() - (nullable ? 1 : 0)));
      fields.add(
          nullable
              ? new Schema.Field(
                  columnName,
                  Schema.createUnion(Schema.create(Schema.Type.NULL), type),
                  null,
                  Schema.Field.NULL_DEFAULT_VALUE)
              : new Schema.Field(columnName, type));
    }
    return Schema.createRecord(name, null, namespace, false, fields);
  }

  private static Schema type(String name) {
    if (name.startsWith("decimal(")) {
      int comma = name.indexOf(',');
      int precision = Integer.parseInt(name.substring("decimal(".length(), comma));
      int scale = Integer.parseInt(name.substring(comma + 1, name.length() - 1));
      return LogicalTypes.decimal(precision, scale).addToSchema(Schema.create(Schema.Type.BYTES));
    }
    return switch (name) {
      case "timestamptz" -> SourceMetadata.sourceTs();
      case "timestamp" ->
          LogicalTypes.localTimestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
      case "date" -> LogicalTypes.date().addToSchema(Schema.create(Schema.Type.INT));
      default -> Schema.create(Schema.Type.valueOf(name.toUpperCase(Locale.ROOT)));
    };
  }

  /** Its name in the pipeline. */
  public String name() {
    return name;
  }

  /** Its change topic. */
  public String topic() {
    return topic;
  }

  /** As views read it. */
  public Relation relation() {
    return PipelineSchemas.relation(name, key, envelope);
  }

  /** Number of columns of its primary key. */
  public int keyColumns() {
    return key.getFields().size();
  }

  /** Record key of the row with these values; the first are the primary key. */
  public byte[] key(@Nullable Object... values) {
    return keys.serialize(topic, new Row(key, Arrays.copyOf(values, keyColumns())));
  }

  /**
   * The change event after which a row has these values.
   *
   * @param sequence makes {@code _source_ts} (that many seconds since the epoch) and {@code
   *     _source_pos}
   */
  public byte[] upsert(long sequence, @Nullable Object... values) {
    return event("u", null, new Row(row, values), sequence);
  }

  /** The change event that deletes a row; the tombstone comes after it. */
  public byte[] delete(long sequence, @Nullable Object... key) {
    return event("d", null, null, sequence);
  }

  private byte[] event(String op, @Nullable Row before, @Nullable Row after, long sequence) {
    long micros = sequence * 1_000_000;
    Row source =
        new Row(
            ChangeEvent.SOURCE_SCHEMA,
            new @Nullable Object[] {
              "postgresql", "shop", micros, "false", "shop", "public", name, sequence, sequence
            });
    Row event =
        new Row(
            envelope,
            new @Nullable Object[] {
              before,
              after,
              op,
              micros / 1000,
              source,
              null,
              micros,
              SourceMetadata.postgresPosition(sequence, 0)
            });
    return values.serialize(topic, event);
  }
}

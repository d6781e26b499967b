package io.millrace.schemas;

import static org.apache.avro.Schema.Type.LONG;
import static org.apache.avro.Schema.Type.STRING;

import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;

/**
 * The envelope of a change event: Debezium's field names with Avro-native types inside, then {@link
 * SourceMetadata}.
 *
 * <p>Which of {@code before} and {@code after} is present depends on {@code op}: {@code r}
 * (snapshot) and {@code c} have an after, {@code u} an after and, with REPLICA IDENTITY FULL, a
 * before, {@code d} a before. A delete is followed by a Kafka tombstone of the same key.
 */
public final class ChangeEvent {
  /** Field positions in {@link #schema}. */
  public static final int BEFORE = 0;

  public static final int AFTER = 1;
  public static final int OP = 2;
  public static final int TS_MS = 3;
  public static final int SOURCE = 4;
  public static final int TRANSACTION = 5;
  public static final int SOURCE_TS = 6;
  public static final int SOURCE_POS = 7;

  /** The schema of the {@code source} block, the same for every table. */
  public static final Schema SOURCE_SCHEMA =
      SchemaBuilder.record("Source")
          .namespace("io.millrace.change")
          .doc("Where the change happened.")
          .fields()
          .requiredString("connector")
          .requiredString("name")
          .name("ts_us")
          .doc("Commit time at the source, microseconds since the epoch.")
          .type(Schema.create(LONG))
          .noDefault()
          .name("snapshot")
          .doc("'true' while a snapshot reads, 'last' on its last row, 'false' when streaming.")
          .type(Schema.create(STRING))
          .noDefault()
          .requiredString("db")
          .requiredString("schema")
          .requiredString("table")
          .optionalLong("txId")
          .optionalLong("lsn")
          .endRecord();

  /** The schema of the {@code transaction} block. */
  public static final Schema TRANSACTION_SCHEMA =
      SchemaBuilder.record("Transaction")
          .namespace("io.millrace.change")
          .fields()
          .requiredString("id")
          .requiredLong("total_order")
          .requiredLong("data_collection_order")
          .endRecord();

  private ChangeEvent() {}

  /**
   * The envelope around rows of {@code row}.
   *
   * @param row record of the table's columns alone, in the table's order
   * @return record with fields before, after, op, ts_ms, source, transaction, _source_ts,
   *     _source_pos
   */
  public static Schema schema(Schema row) {
    Schema nullableRow = Schema.createUnion(Schema.create(Schema.Type.NULL), row);
    Schema nullableTransaction =
        Schema.createUnion(Schema.create(Schema.Type.NULL), TRANSACTION_SCHEMA);
    return Schema.createRecord(
        row.getName() + "_change",
        "A change of a row, in Debezium's envelope.",
        row.getNamespace(),
        false,
        List.of(
            new Schema.Field("before", nullableRow, null, Schema.Field.NULL_DEFAULT_VALUE),
            new Schema.Field("after", nullableRow, null, Schema.Field.NULL_DEFAULT_VALUE),
            new Schema.Field("op", Schema.create(STRING), "r, c, u or d"),
            new Schema.Field("ts_ms", Schema.create(LONG), "When the connector read the change."),
            new Schema.Field("source", SOURCE_SCHEMA),
            new Schema.Field(
                "transaction", nullableTransaction, null, Schema.Field.NULL_DEFAULT_VALUE),
            new Schema.Field(SourceMetadata.SOURCE_TS, SourceMetadata.sourceTs()),
            new Schema.Field(SourceMetadata.SOURCE_POS, SourceMetadata.sourcePos())));
  }

  /** The row schema inside an envelope schema made by {@link #schema}. */
  public static Schema row(Schema envelope) {
    return envelope.getFields().get(AFTER).schema().getTypes().get(1);
  }
}

package io.millrace.runtime.serde;

import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.Row;
import io.millrace.schemas.SourceMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.AvroTypeException;
import org.apache.avro.Schema;
import org.apache.avro.io.DatumReader;
import org.jspecify.annotations.Nullable;

/**
 * Reads from change events the row after the change, and of it only the wanted columns: Avro's
 * schema resolution skips the rest undecoded.
 */
final class SourceChangeReader {
  private static final int AFTER = 0;
  private static final int SOURCE_TS = 1;
  private static final int SOURCE_POS = 2;

  private final Schema row;
  private final RowReaders readers;

  SourceChangeReader(SchemaRegistry registry, Schema row) {
    List<Schema.Field> fields = row.getFields();
    int columns = fields.size() - 2;
    if (columns < 0
        || !fields.get(columns).name().equals(SourceMetadata.SOURCE_TS)
        || !fields.get(columns + 1).name().equals(SourceMetadata.SOURCE_POS)) {
      throw new IllegalArgumentException(
          row.getFullName() + " does not end with _source_ts and _source_pos");
    }
    this.row = row;
    this.readers = new RowReaders(registry, this::reader);
  }

  /** What is wanted of a change event: the row after the change, if any, and when it was. */
  record Read(@Nullable Row after, long sourceMicros) {}

  Read read(byte[] bytes) {
    Row envelope = readers.read(bytes);
    Row after = (Row) envelope.get(AFTER);
    Long micros = (Long) Objects.requireNonNull(envelope.get(SOURCE_TS));
    if (after != null) {
      int columns = row.getFields().size() - 2;
      after.put(columns, micros);
      after.put(columns + 1, envelope.get(SOURCE_POS));
    }
    return new Read(after, micros);
  }

  /** The after image is read into a row that has places for the metadata behind its columns. */
  private DatumReader<Row> reader(Schema envelope) {
    if (envelope.getType() != Schema.Type.RECORD || envelope.getField("after") == null) {
      throw new AvroTypeException(
          envelope.getFullName() + " is not a change event: it has no field 'after'");
    }
    Schema whole = ChangeEvent.row(envelope);
    if (!whole.getFullName().equals(row.getFullName())) {
      throw new AvroTypeException(
          "a change of %s, not of %s".formatted(whole.getFullName(), row.getFullName()));
    }
    List<Schema.Field> columns = new ArrayList<>();
    for (Schema.Field field : row.getFields().subList(0, row.getFields().size() - 2)) {
      columns.add(new Schema.Field(field, field.schema()));
    }
    OutdatedSchemaException.check(whole, columns);
    Schema after = Schema.createRecord(whole.getName(), null, whole.getNamespace(), false, columns);
    Schema projected =
        Schema.createRecord(
            envelope.getName(),
            null,
            envelope.getNamespace(),
            false,
            List.of(
                new Schema.Field(
                    "after", Schema.createUnion(Schema.create(Schema.Type.NULL), after)),
                new Schema.Field(SourceMetadata.SOURCE_TS, SourceMetadata.sourceTs()),
                new Schema.Field(SourceMetadata.SOURCE_POS, SourceMetadata.sourcePos())));
    return RowData.reader(envelope, projected, Map.of(after.getFullName(), schema -> new Row(row)));
  }
}

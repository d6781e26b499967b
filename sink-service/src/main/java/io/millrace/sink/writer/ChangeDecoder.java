package io.millrace.sink.writer;

import io.millrace.runtime.serde.RowDecoder;
import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.Row;
import io.millrace.schemas.SourceMetadata;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/** Decodes the records of a topic. Belongs to one thread. */
abstract sealed class ChangeDecoder {
  private final RowDecoder rows;

  private ChangeDecoder(RowDecoder rows) {
    this.rows = rows;
  }

  /**
   * For change events of a source table.
   *
   * @param keyed whether a table needs the key, which otherwise is not decoded
   */
  static ChangeDecoder ofChanges(RowDecoder rows, boolean keyed) {
    return new OfChanges(rows, keyed);
  }

  /** For rows of a view. */
  static ChangeDecoder ofView(RowDecoder rows) {
    return new OfView(rows);
  }

  /**
   * Decodes a record.
   *
   * @return null when the record says nothing new: the tombstone after a delete event
   * @throws SerializationException when it is poison
   */
  abstract @Nullable Change decode(byte @Nullable [] key, byte @Nullable [] value);

  final @Nullable Row row(byte @Nullable [] bytes) {
    return rows.decode(bytes);
  }

  static int size(byte @Nullable [] key, byte @Nullable [] value) {
    return (key == null ? 0 : key.length) + (value == null ? 0 : value.length);
  }

  private static final class OfChanges extends ChangeDecoder {
    private final boolean keyed;

    OfChanges(RowDecoder rows, boolean keyed) {
      super(rows);
      this.keyed = keyed;
    }

    @Override
    @Nullable Change decode(byte @Nullable [] key, byte @Nullable [] value) {
      Row event = row(value);
      if (event == null) {
        return null;
      }
      if (event.values().length <= ChangeEvent.SOURCE_POS
          || !(event.get(ChangeEvent.OP) instanceof String op)) {
        throw new SerializationException("not a change event: " + event.getSchema().getFullName());
      }
      Row row = (Row) event.get(op.equals(Change.DELETE) ? ChangeEvent.BEFORE : ChangeEvent.AFTER);
      if (row == null && !op.equals(Change.DELETE)) {
        throw new SerializationException("a change event with op '" + op + "' without an after");
      }
      return new Change(
          keyed ? row(key) : null,
          event.getSchema(),
          op,
          row,
          (long) Objects.requireNonNull(event.get(ChangeEvent.SOURCE_TS)),
          (String) Objects.requireNonNull(event.get(ChangeEvent.SOURCE_POS)),
          size(key, value));
    }
  }

  private static final class OfView extends ChangeDecoder {
    private @Nullable Schema schema;
    private int sourceTs;
    private int sourcePos;

    OfView(RowDecoder rows) {
      super(rows);
    }

    @Override
    Change decode(byte @Nullable [] key, byte @Nullable [] value) {
      Row row = row(value);
      if (row == null) {
        return new Change(row(key), null, Change.DELETE, null, Change.UNKNOWN, "", size(key, null));
      }
      locate(row.getSchema());
      return new Change(
          row(key),
          row.getSchema(),
          Change.UPDATE,
          row,
          row.get(sourceTs) instanceof Long at ? at : Change.UNKNOWN,
          row.get(sourcePos) instanceof String position ? position : "",
          size(key, value));
    }

    // The decoder gives all rows of a schema the same object.
    @SuppressWarnings("ReferenceEquality")
    private void locate(Schema row) {
      if (row == schema) {
        return;
      }
      Schema.Field ts = row.getField(SourceMetadata.SOURCE_TS);
      Schema.Field position = row.getField(SourceMetadata.SOURCE_POS);
      if (ts == null || position == null) {
        throw new SerializationException("not a view's row: " + row.getFullName());
      }
      sourceTs = ts.pos();
      sourcePos = position.pos();
      schema = row;
    }
  }
}

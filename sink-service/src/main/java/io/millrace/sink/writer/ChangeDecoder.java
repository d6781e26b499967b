package io.millrace.sink.writer;

import io.millrace.pipeline.LakeTable;
import io.millrace.runtime.serde.RowDecoder;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.runtime.streams.PoisonRecordException;
import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.Row;
import io.millrace.schemas.SourceMetadata;
import io.millrace.schemas.Topics;
import io.millrace.sink.writer.Change.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.avro.AvroTypeException;
import org.apache.avro.Schema;
import org.apache.avro.util.Utf8;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/** Decodes the records of a topic. Belongs to one thread. */
abstract sealed class ChangeDecoder {
  private final RowDecoder keys;

  private ChangeDecoder(RowDecoder keys) {
    this.keys = keys;
  }

  /** For the records of the topic that feeds {@code tables}. */
  static ChangeDecoder of(List<LakeTable> tables, SchemaRegistry registry) {
    String topic = tables.getFirst().topic();
    OwnSchemas values = new OwnSchemas(registry, Topics.valueSubject(topic));
    RowDecoder keys =
        RowDecoder.ofUtf8(registry, new OwnSchemas(registry, Topics.keySubject(topic)));
    return tables.getFirst().content() == LakeTable.Content.VIEW
        ? new OfView(keys, RowDecoder.ofUtf8(registry, values))
        : new OfChanges(
            keys,
            RowDecoder.ofUtf8(registry, writer -> OfChanges.wanted(values.apply(writer))),
            tables.stream().anyMatch(table -> table.content() == LakeTable.Content.MIRROR));
  }

  /**
   * Decodes a record.
   *
   * @return null when the record says nothing to any table: a tombstone where all only grow
   * @throws SerializationException when it is poison
   */
  abstract @Nullable Change decode(byte @Nullable [] key, byte @Nullable [] value);

  /**
   * What is left of a record that is poison: its key has no row now. A row that the record replaced
   * is outdated.
   *
   * @return null when the key is unreadable too, or no table needs it
   */
  abstract @Nullable Change withoutRow(byte @Nullable [] key);

  final @Nullable Row key(byte @Nullable [] bytes) {
    return keys.decode(bytes);
  }

  final Row presentKey(byte @Nullable [] bytes) {
    Row key = key(bytes);
    if (key == null) {
      throw new SerializationException("a record without a key");
    }
    return key;
  }

  final @Nullable Change withoutRowOf(byte @Nullable [] key) {
    try {
      Row row = key(key);
      return row == null ? null : Change.withoutRow(row, identity(key), size(key, null));
    } catch (SerializationException e) {
      if (PoisonRecordException.isToBlame(e)) {
        return null;
      }
      throw e;
    }
  }

  /** Of a key that could be decoded. */
  private static Bytes identity(byte @Nullable [] key) {
    return KeyIndex.identity(Objects.requireNonNull(key));
  }

  static int size(byte @Nullable [] key, byte @Nullable [] value) {
    return (key == null ? 0 : key.length) + (value == null ? 0 : value.length);
  }

  private static final class OfChanges extends ChangeDecoder {
    private static final int[] WANTED = {
      ChangeEvent.BEFORE,
      ChangeEvent.AFTER,
      ChangeEvent.OP,
      ChangeEvent.SOURCE_TS,
      ChangeEvent.SOURCE_POS
    };
    private static final int SOURCE_TS = 3;
    private static final int SOURCE_POS = 4;

    private final RowDecoder events;
    private final boolean keyed;

    /**
     * A decoder.
     *
     * @param keyed whether a table needs the key, which otherwise is not decoded
     */
    OfChanges(RowDecoder keys, RowDecoder events, boolean keyed) {
      super(keys);
      this.events = events;
      this.keyed = keyed;
    }

    /** The envelope without its blocks {@code source} and {@code transaction}: half its bytes. */
    private static Schema wanted(Schema envelope) {
      if (envelope.getType() != Schema.Type.RECORD
          || envelope.getFields().size() <= ChangeEvent.SOURCE_POS) {
        throw new AvroTypeException("not a change event: " + envelope.getFullName());
      }
      List<Schema.Field> fields = new ArrayList<>();
      for (int position : WANTED) {
        Schema.Field field = envelope.getFields().get(position);
        fields.add(new Schema.Field(field, field.schema()));
      }
      return Schema.createRecord(envelope.getName(), null, envelope.getNamespace(), false, fields);
    }

    @Override
    @Nullable Change decode(byte @Nullable [] key, byte @Nullable [] value) {
      Row event = events.decode(value);
      if (event == null) {
        // Behind a delete event, which may have been unreadable.
        return keyed ? Change.withoutRow(presentKey(key), identity(key), size(key, null)) : null;
      }
      Op op = Op.of((Utf8) Objects.requireNonNull(event.get(ChangeEvent.OP)));
      Row row = (Row) event.get(op == Op.DELETE ? ChangeEvent.BEFORE : ChangeEvent.AFTER);
      if (row == null && op != Op.DELETE) {
        throw new SerializationException("a change event with op '" + op + "' without an after");
      }
      return new Change(
          keyed ? presentKey(key) : null,
          keyed ? identity(key) : null,
          event.getSchema(),
          op,
          row,
          (long) Objects.requireNonNull(event.get(SOURCE_TS)),
          (CharSequence) Objects.requireNonNull(event.get(SOURCE_POS)),
          size(key, value),
          Change.Origin.SOURCE);
    }

    @Override
    @Nullable Change withoutRow(byte @Nullable [] key) {
      return keyed ? withoutRowOf(key) : null;
    }
  }

  private static final class OfView extends ChangeDecoder {
    private final RowDecoder rows;
    private @Nullable Schema schema;
    private int sourceTs;
    private int sourcePos;

    OfView(RowDecoder keys, RowDecoder rows) {
      super(keys);
      this.rows = rows;
    }

    @Override
    @Nullable Change withoutRow(byte @Nullable [] key) {
      return withoutRowOf(key);
    }

    @Override
    Change decode(byte @Nullable [] key, byte @Nullable [] value) {
      Row row = rows.decode(value);
      if (row == null) {
        return Change.withoutRow(presentKey(key), identity(key), size(key, null));
      }
      locate(row.getSchema());
      return new Change(
          presentKey(key),
          identity(key),
          row.getSchema(),
          Op.UPDATE,
          row,
          row.get(sourceTs) instanceof Long at ? at : Change.UNKNOWN,
          row.get(sourcePos) instanceof CharSequence position ? position : "",
          size(key, value),
          Change.Origin.SOURCE);
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

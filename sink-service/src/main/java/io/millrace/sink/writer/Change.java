package io.millrace.sink.writer;

import io.millrace.schemas.Row;
import org.apache.avro.Schema;
import org.apache.avro.util.Utf8;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * A decoded record.
 *
 * @param key the record's key; null also when no table needs it
 * @param identity what the key is known by ({@link KeyIndex#identity}); null with it
 * @param valueSchema schema of the record's value; null for a tombstone, which has none
 * @param op for a view update or delete
 * @param row the row after the change, or for a source table's delete the row before it; null for a
 *     tombstone
 * @param sourceTs when the source committed it, microseconds; {@link #UNKNOWN} for a tombstone
 * @param sourcePos where it stands in the source's log; empty for a tombstone
 * @param size bytes of the record
 * @param origin how it came into its topic
 */
record Change(
    @Nullable Row key,
    @Nullable Bytes identity,
    @Nullable Schema valueSchema,
    Op op,
    @Nullable Row row,
    long sourceTs,
    CharSequence sourcePos,
    int size,
    Origin origin) {
  static final long UNKNOWN = Long.MIN_VALUE;

  /** What a row on the heap costs beside its values: entry, key, row, arrays, boxes. */
  private static final int ROW_OVERHEAD = 300;

  /** A value as an object takes about this many times its encoded bytes. */
  private static final int OBJECT_FACTOR = 4;

  /** How a record came into its topic. */
  enum Origin {
    /** Its writer wrote it. */
    SOURCE,
    /** It was replayed, for the sink could not use it. */
    REPLAYED,
    /** It was replayed, and the sink had taken it before. */
    REPLAYED_FOR_OTHERS
  }

  /** What a change did to its row. */
  enum Op {
    SNAPSHOT("r"),
    CREATE("c"),
    UPDATE("u"),
    DELETE("d");

    private static final Op[] ALL = values();

    // Nobody changes it.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Utf8 text;

    Op(String text) {
      this.text = new Utf8(text);
    }

    /**
     * The operation of an event.
     *
     * @throws SerializationException when there is no such
     */
    static Op of(Utf8 text) {
      for (Op op : ALL) {
        if (op.text.equals(text)) {
          return op;
        }
      }
      throw new SerializationException("a change event with the unknown op '" + text + "'");
    }

    /** As it stands in the event and in the lake. */
    Utf8 text() {
      return text;
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }

  /** A tombstone: the key has no row, and nothing says when it lost it. */
  static Change withoutRow(Row key, Bytes identity, int size) {
    return new Change(key, identity, null, Op.DELETE, null, UNKNOWN, "", size, Origin.SOURCE);
  }

  /** The change as one that a replay put into its topic again. */
  Change replayed(Origin by) {
    return new Change(key, identity, valueSchema, op, row, sourceTs, sourcePos, size, by);
  }

  /** Bytes of heap that it takes, about. */
  long heap() {
    return ROW_OVERHEAD + (long) OBJECT_FACTOR * size;
  }

  /** Whether tables that only grow take it. */
  boolean isAppended() {
    return valueSchema != null && origin != Origin.REPLAYED_FOR_OTHERS;
  }

  /** Whether the source inserted the row, of whose key there was none. A replay may come later. */
  boolean isInsert() {
    return op == Op.CREATE && origin == Origin.SOURCE;
  }

  boolean isDelete() {
    return op == Op.DELETE;
  }

  /** Whether it was read by a snapshot, not streamed. */
  boolean isSnapshot() {
    return op == Op.SNAPSHOT;
  }
}

package io.millrace.sink.writer;

import io.millrace.schemas.Row;
import org.apache.avro.Schema;
import org.apache.avro.util.Utf8;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * A decoded record.
 *
 * @param key the record's key; null also when no table needs it
 * @param valueSchema schema of the record's value; null for a view's delete, which has none
 * @param op for a view update or delete
 * @param row the row after the change, or for a source table's delete the row before it; null for a
 *     view's delete
 * @param sourceTs when the source committed it, microseconds; {@link #UNKNOWN} for a view's delete
 * @param sourcePos where it stands in the source's log; empty for a view's delete
 * @param size bytes of the record
 */
record Change(
    @Nullable Row key,
    @Nullable Schema valueSchema,
    Op op,
    @Nullable Row row,
    long sourceTs,
    CharSequence sourcePos,
    int size) {
  static final long UNKNOWN = Long.MIN_VALUE;

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

  boolean isDelete() {
    return op == Op.DELETE;
  }

  /** Whether it was read by a snapshot, not streamed. */
  boolean isSnapshot() {
    return op == Op.SNAPSHOT;
  }
}

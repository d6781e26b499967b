package io.millrace.sink.writer;

import io.millrace.schemas.Row;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A decoded record.
 *
 * @param key the record's key; null also when no table needs it
 * @param valueSchema schema of the record's value; null for a view's delete, which has none
 * @param op {@code r}, {@code c}, {@code u} or {@code d}; for a view {@code u} or {@code d}
 * @param row the row after the change, or for a source table's delete the row before it; null for a
 *     view's delete
 * @param sourceTs when the source committed it, microseconds; {@link #UNKNOWN} for a view's delete
 * @param sourcePos where it stands in the source's log; empty for a view's delete
 * @param size bytes of the record
 */
record Change(
    @Nullable Row key,
    @Nullable Schema valueSchema,
    String op,
    @Nullable Row row,
    long sourceTs,
    String sourcePos,
    int size) {
  static final long UNKNOWN = Long.MIN_VALUE;
  static final String SNAPSHOT = "r";
  static final String CREATE = "c";
  static final String UPDATE = "u";
  static final String DELETE = "d";

  boolean isDelete() {
    return op.equals(DELETE);
  }

  /** Whether it was read by a snapshot, not streamed. */
  boolean isSnapshot() {
    return op.equals(SNAPSHOT);
  }
}

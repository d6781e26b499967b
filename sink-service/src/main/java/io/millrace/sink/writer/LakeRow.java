package io.millrace.sink.writer;

import java.util.Objects;
import org.apache.iceberg.StructLike;
import org.jspecify.annotations.Nullable;

/**
 * A row as Iceberg's writers read it, in Iceberg's internal representation: a view over the decoded
 * values, set to one row after the other.
 */
final class LakeRow implements StructLike {
  private static final @Nullable Object[] NOTHING = {};

  private @Nullable RowMapping mapping;
  private @Nullable Object[] values = NOTHING;
  private String op = "";
  private long sourceTs;
  private String sourcePos = "";

  /** Shows a row. */
  LakeRow set(
      RowMapping next, @Nullable Object[] row, String nextOp, long nextTs, String nextPosition) {
    mapping = next;
    values = row;
    op = nextOp;
    sourceTs = nextTs;
    sourcePos = nextPosition;
    return this;
  }

  @Nullable Object[] values() {
    return values;
  }

  String op() {
    return op;
  }

  long sourceTs() {
    return sourceTs;
  }

  String sourcePos() {
    return sourcePos;
  }

  @Override
  public int size() {
    return Objects.requireNonNull(mapping).size();
  }

  @Override
  public <T> @Nullable T get(int column, Class<T> type) {
    return type.cast(Objects.requireNonNull(mapping).value(column, this));
  }

  @Override
  public <T> void set(int column, T value) {
    throw new UnsupportedOperationException("a view over a record");
  }
}

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
  private CharSequence op = "";
  private long sourceTs;
  private CharSequence sourcePos = "";

  /** Shows a row. */
  LakeRow set(
      RowMapping next,
      @Nullable Object[] row,
      CharSequence nextOp,
      long nextTs,
      CharSequence nextPosition) {
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

  CharSequence op() {
    return op;
  }

  long sourceTs() {
    return sourceTs;
  }

  CharSequence sourcePos() {
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

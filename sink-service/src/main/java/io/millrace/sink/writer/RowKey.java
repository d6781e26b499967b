package io.millrace.sink.writer;

import io.millrace.schemas.Row;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A key to tell rows apart by: equal when the values are, also when one was decoded with an int and
 * the other, after the column was widened, with a long.
 */
record RowKey(Row row) {
  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof RowKey that)) {
      return false;
    }
    @Nullable Object[] mine = row.values();
    @Nullable Object[] others = that.row.values();
    if (mine.length != others.length) {
      return false;
    }
    for (int i = 0; i < mine.length; i++) {
      if (!isSame(mine[i], others[i])) {
        return false;
      }
    }
    return true;
  }

  static boolean isSame(@Nullable Object value, @Nullable Object other) {
    return Objects.equals(wide(value), wide(other));
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (Object value : row.values()) {
      hash = 31 * hash + Objects.hashCode(wide(value));
    }
    return hash;
  }

  private static @Nullable Object wide(@Nullable Object value) {
    return value instanceof Integer narrow ? Long.valueOf(narrow) : value;
  }
}

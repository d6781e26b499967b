package io.millrace.runtime.streams;

import org.jspecify.annotations.Nullable;

/**
 * Metadata of a row made of several: the greatest {@code _source_ts} and the greatest {@code
 * _source_pos} of them.
 */
public final class Greatest {
  private Greatest() {}

  /**
   * Raises the metadata in {@code values} to that of another row.
   *
   * @param at position of {@code _source_ts} in {@code values}; {@code _source_pos} follows
   * @param otherAt the same in {@code other}
   */
  public static void into(
      @Nullable Object[] values, int at, @Nullable Object[] other, int otherAt) {
    raise(values, at, other[otherAt]);
    raise(values, at + 1, other[otherAt + 1]);
  }

  private static void raise(@Nullable Object[] values, int at, @Nullable Object other) {
    Object own = values[at];
    boolean greater =
        switch (own) {
          case null -> true;
          case Long number -> other instanceof Long that && that > number;
          case String text -> other instanceof String that && that.compareTo(text) > 0;
          default -> throw new IllegalArgumentException("metadata of " + own.getClass());
        };
    if (greater) {
      values[at] = other;
    }
  }
}

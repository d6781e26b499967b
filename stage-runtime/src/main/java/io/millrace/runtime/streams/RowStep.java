package io.millrace.runtime.streams;

import io.millrace.schemas.Row;
import org.jspecify.annotations.Nullable;

/** What one operator does to a row. */
@FunctionalInterface
public interface RowStep {
  /**
   * The row after the operator; null when the operator takes it out.
   *
   * @throws RuntimeException where an expression fails on this row
   */
  @Nullable Row apply(Row row);
}

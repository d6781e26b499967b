package io.millrace.pipeline.plan;

import org.jspecify.annotations.Nullable;

/** A compiled condition. Thread-safe. */
@FunctionalInterface
public interface RowPredicate {
  /** Whether the condition is true of a row with these values; null counts as false. */
  boolean test(@Nullable Object[] input);
}

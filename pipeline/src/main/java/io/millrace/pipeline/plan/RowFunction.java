package io.millrace.pipeline.plan;

import org.jspecify.annotations.Nullable;

/** A compiled expression list: values in, values out. Thread-safe. */
@FunctionalInterface
public interface RowFunction {
  /**
   * Computes the values.
   *
   * @param input the input row's values; not changed
   * @return a new array
   * @throws RuntimeException where an expression fails on these values (a cast, a division by zero)
   */
  @Nullable Object[] apply(@Nullable Object[] input);
}

package io.millrace.benchmarks.measure;

/** Figures no finer than they mean anything. */
public final class Rounding {
  private Rounding() {}

  /** To two decimals. */
  public static double hundredths(double value) {
    return Math.round(value * 100) / 100.0;
  }
}

package io.millrace.local;

import java.time.Duration;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** The demo's one line: rows a second per stage, lag, freshness, elapsed. */
final class LiveLine {
  private final long start = System.nanoTime();
  private long last = start;
  private long lastChanges;
  private StageMetrics lastMetrics;

  /** Counts from these on. */
  LiveLine(long changes, StageMetrics metrics) {
    this.lastChanges = changes;
    this.lastMetrics = metrics;
  }

  /** The line, with rates since the last call. */
  String next(long changes, StageMetrics metrics, OptionalLong lag) {
    long now = System.nanoTime();
    double seconds = Math.max(1e-3, (now - last) / 1e9);
    String line =
        "%3d s | source %s | cdc %s | enriched %s | aggregated %s | lake %s | lag %s | fresh %s"
            .formatted(
                elapsed().toSeconds(),
                rate((double) (changes - lastChanges), seconds),
                rate(metrics.captured() - lastMetrics.captured(), seconds),
                rate(metrics.enriched() - lastMetrics.enriched(), seconds),
                rate(metrics.aggregated() - lastMetrics.aggregated(), seconds),
                rate(metrics.stored() - lastMetrics.stored(), seconds),
                lag.isPresent() ? "%,d".formatted(lag.getAsLong()) : "?",
                freshness(metrics));
    last = now;
    lastChanges = changes;
    lastMetrics = metrics;
    return line;
  }

  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private static String rate(double rows, double seconds) {
    return "%,6.0f/s".formatted(rows / seconds);
  }

  /** Of the table that is worst off. */
  private static String freshness(StageMetrics metrics) {
    OptionalDouble p50 =
        metrics.freshness().values().stream().mapToDouble(StageMetrics.Freshness::p50).max();
    OptionalDouble p99 =
        metrics.freshness().values().stream().mapToDouble(StageMetrics.Freshness::p99).max();
    return p50.isPresent()
        ? "p50 %s p99 %s".formatted(seconds(p50.getAsDouble()), seconds(p99.orElse(0)))
        : "-";
  }

  static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.1f s", seconds);
  }
}

package io.millrace.sink.writer;

import io.millrace.schemas.DataFileDescriptor.SourceTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** When the source committed the changes of an epoch. */
final class SourceTimes {
  private static final long SPAN_MICROS = 100_000;
  private static final int MOST_SPANS = 1000;

  private final TreeMap<Long, Integer> streamed = new TreeMap<>();
  private long least = Long.MAX_VALUE;
  private long greatest = Long.MIN_VALUE;
  private long lastSpan = Long.MIN_VALUE;
  private int lastCount;

  /**
   * Counts a change.
   *
   * @param at microseconds since the epoch
   * @param isSnapshot read by a snapshot: how old the row is says nothing about the pipeline
   */
  void add(long at, boolean isSnapshot) {
    least = Math.min(least, at);
    greatest = Math.max(greatest, at);
    if (!isSnapshot) {
      long span = Math.floorDiv(at, SPAN_MICROS);
      if (span != lastSpan) {
        flush();
        lastSpan = span;
      }
      lastCount++;
    }
  }

  private void flush() {
    if (lastCount > 0) {
      streamed.merge(lastSpan, lastCount, Integer::sum);
      lastCount = 0;
      if (streamed.size() > MOST_SPANS) {
        // A backlog: its oldest changes are late by so much that spans may be coarse.
        Map.Entry<Long, Integer> oldest = streamed.pollFirstEntry();
        streamed.merge(streamed.firstKey(), oldest.getValue(), Integer::sum);
      }
    }
  }

  @Nullable Long least() {
    return least == Long.MAX_VALUE ? null : least;
  }

  @Nullable Long greatest() {
    return greatest == Long.MIN_VALUE ? null : greatest;
  }

  /** Changes by the end of their span of 100 ms. */
  List<SourceTime> spans() {
    flush();
    lastSpan = Long.MIN_VALUE;
    return streamed.entrySet().stream()
        .map(span -> new SourceTime((span.getKey() + 1) * SPAN_MICROS / 1000, span.getValue()))
        .toList();
  }
}

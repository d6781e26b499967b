package io.millrace.benchmarks.measure;

import java.util.Arrays;

/** Times in milliseconds, all of them kept. Not thread-safe. */
public final class Latencies {
  private long[] millis = new long[1024];
  private int count;
  private boolean sorted;

  /** Adds one. */
  public void add(long value) {
    if (count == millis.length) {
      millis = Arrays.copyOf(millis, count * 2);
    }
    millis[count++] = value;
    sorted = false;
  }

  /** Adds all of another. */
  public void addAll(Latencies other) {
    for (int i = 0; i < other.count; i++) {
      add(other.millis[i]);
    }
  }

  /** How many. */
  public int count() {
    return count;
  }

  /**
   * The least value that a share of them does not exceed, in seconds; 0 when there is none.
   *
   * @param share of all, above 0 and at most 1
   */
  public double seconds(double share) {
    if (count == 0) {
      return 0;
    }
    if (!sorted) {
      Arrays.sort(millis, 0, count);
      sorted = true;
    }
    int index = (int) Math.ceil(share * count) - 1;
    return millis[Math.max(index, 0)] / 1000.0;
  }
}

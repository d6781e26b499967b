package io.millrace.benchmarks.workload;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * When changes may go to the source: a timetable that is kept, so that a late start of one
 * transaction does not put off those after it. Shared by all connections. Thread-safe.
 */
public final class Pace {
  private final double nanosPerChange;
  private long left;
  private long due;
  private boolean started;

  private Pace(double nanosPerChange, long changes) {
    this.nanosPerChange = nanosPerChange;
    this.left = changes;
  }

  /** As fast as the source takes it, to the end. */
  public static Pace flatOut() {
    return new Pace(0, Long.MAX_VALUE);
  }

  /** A steady rate to the end, which begins with the first {@link #await}. */
  public static Pace of(int changesPerSecond) {
    return new Pace((double) TimeUnit.SECONDS.toNanos(1) / changesPerSecond, Long.MAX_VALUE);
  }

  /** A steady rate for a time. */
  public static Pace of(int changesPerSecond, Duration time) {
    return new Pace(
        (double) TimeUnit.SECONDS.toNanos(1) / changesPerSecond,
        changesPerSecond * time.toSeconds());
  }

  /**
   * Waits until a transaction is due.
   *
   * @return false when there is no time left for it
   */
  public boolean await(int changes) throws InterruptedException {
    long at;
    synchronized (this) {
      if (left <= 0) {
        return false;
      }
      left -= changes;
      at = next(changes);
    }
    if (nanosPerChange > 0) {
      TimeUnit.NANOSECONDS.sleep(at - System.nanoTime());
    }
    return true;
  }

  private long next(int changes) {
    if (!started) {
      due = System.nanoTime();
      started = true;
    }
    long mine = due;
    due += Math.round(changes * nanosPerChange);
    return mine;
  }
}

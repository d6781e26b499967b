package io.millrace.benchmarks.workload;

import java.util.concurrent.TimeUnit;

/**
 * When changes may go to the source: a timetable that is kept, so that a late start of one
 * transaction does not put off those after it. Shared by all connections. Thread-safe.
 */
public final class Pace {
  private final double nanosPerChange;
  private long due;
  private boolean started;

  private Pace(double nanosPerChange) {
    this.nanosPerChange = nanosPerChange;
  }

  /** As fast as the source takes it. */
  public static Pace flatOut() {
    return new Pace(0);
  }

  /** A steady rate, which begins with the first {@link #await}. */
  public static Pace of(int changesPerSecond) {
    return new Pace((double) TimeUnit.SECONDS.toNanos(1) / changesPerSecond);
  }

  /** Waits until a transaction is due. */
  void await(int changes) throws InterruptedException {
    if (nanosPerChange > 0) {
      TimeUnit.NANOSECONDS.sleep(next(changes) - System.nanoTime());
    }
  }

  private synchronized long next(int changes) {
    if (!started) {
      due = System.nanoTime();
      started = true;
    }
    long mine = due;
    due += Math.round(changes * nanosPerChange);
    return mine;
  }
}

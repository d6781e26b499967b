package io.millrace.local.shop;

import java.time.Duration;

/** Holds a load to a rate, measured from its first change. */
public final class Pace {
  private final double changesPerSecond;
  private final boolean limited;
  private long start;
  private long changes;

  private Pace(double changesPerSecond, boolean limited) {
    this.changesPerSecond = changesPerSecond;
    this.limited = limited;
  }

  /** As fast as the database takes it. */
  public static Pace flatOut() {
    return new Pace(0, false);
  }

  /** At most so many changes a second; whoever falls behind catches up. */
  public static Pace of(double changesPerSecond) {
    if (!(changesPerSecond > 0)) {
      throw new IllegalArgumentException("a rate must be above 0, not " + changesPerSecond);
    }
    return new Pace(changesPerSecond, true);
  }

  /** Waits until so many more changes are due. */
  void after(long more) throws InterruptedException {
    if (!limited) {
      return;
    }
    if (changes == 0) {
      start = System.nanoTime();
    }
    changes += more;
    long due = start + (long) (changes / changesPerSecond * 1e9);
    long wait = due - System.nanoTime();
    if (wait > 0) {
      Thread.sleep(Duration.ofNanos(wait));
    }
  }
}

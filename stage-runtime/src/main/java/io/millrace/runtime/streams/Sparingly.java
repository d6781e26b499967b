package io.millrace.runtime.streams;

import java.time.Duration;
import java.time.InstantSource;

/** Lets through so many events in a span of time, and counts the others. Thread-safe. */
final class Sparingly {
  private static final long SPAN = Duration.ofSeconds(10).toMillis();
  private static final int MOST = 20;

  private final InstantSource clock;
  private long spanEnds;
  private int passed;
  private long held;

  Sparingly(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * An event.
   *
   * @return -1 when it is held back; else how many were since one was let through
   */
  synchronized long admit() {
    long now = clock.millis();
    if (now >= spanEnds) {
      spanEnds = now + SPAN;
      passed = 0;
    }
    if (passed == MOST) {
      held++;
      return -1;
    }
    passed++;
    long since = held;
    held = 0;
    return since;
  }
}

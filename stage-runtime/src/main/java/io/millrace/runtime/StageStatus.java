package io.millrace.runtime;

import java.util.List;

/**
 * How a stage is.
 *
 * @param state what probes go by
 * @param detail for a person: what it is doing or what it lacks
 */
public record StageStatus(State state, String detail) {
  /** States of a stage. */
  public enum State {
    /** Not yet useful: connecting, restoring, rebalancing for the first time. Live, not ready. */
    STARTING,
    /** Does its work. Live and ready. */
    SERVING,
    /** Cannot do its work now, but mends itself. Live, not ready. */
    DEGRADED,
    /** Will not recover without a restart. Neither live nor ready. */
    FAILED
  }

  /** A stage that is not useful yet. */
  public static StageStatus starting(String detail) {
    return new StageStatus(State.STARTING, detail);
  }

  /** A stage that does its work. */
  public static StageStatus serving(String detail) {
    return new StageStatus(State.SERVING, detail);
  }

  /** A stage that mends itself. */
  public static StageStatus degraded(String detail) {
    return new StageStatus(State.DEGRADED, detail);
  }

  /** A stage that does not recover. */
  public static StageStatus failed(String detail) {
    return new StageStatus(State.FAILED, detail);
  }

  /** The least able of several, of a stage that is made of parts; the first among equals. */
  public static StageStatus worst(List<StageStatus> parts) {
    return parts.stream()
        .reduce((one, other) -> other.rank() > one.rank() ? other : one)
        .orElseThrow(() -> new IllegalArgumentException("a stage of no parts"));
  }

  private int rank() {
    return switch (state) {
      case SERVING -> 0;
      case STARTING -> 1;
      case DEGRADED -> 2;
      case FAILED -> 3;
    };
  }
}

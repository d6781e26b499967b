package io.millrace.local;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Starts processes again that have ended unasked, after a pause that grows from death to death, and
 * gives up on one that keeps dying young.
 */
final class Supervisor implements AutoCloseable {
  /**
   * How patient it is.
   *
   * @param pause before the first new start; it doubles from death to death
   * @param longestPause at which it stays
   * @param settled age at which a process is past what ended those before it
   * @param quickDeaths younger than that, in a row, after which it gives up
   */
  record Patience(Duration pause, Duration longestPause, Duration settled, int quickDeaths) {
    /** Outlasts two minutes of whatever lets a process die at its start. */
    static Patience usual() {
      return new Patience(Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofSeconds(30), 8);
    }

    private Duration before(int start) {
      Duration grown = pause.multipliedBy(1L << Math.min(start, 20));
      return grown.compareTo(longestPause) < 0 ? grown : longestPause;
    }
  }

  private final Patience patience;
  private final Consumer<StackProcess> starter;
  private final Consumer<String> told;
  private final Map<StackProcess, Integer> quickDeaths = new HashMap<>();
  private volatile boolean closed;

  /**
   * A supervisor.
   *
   * @param starter starts a process again, unless that has been told to end meanwhile
   * @param told a line for each death and what follows from it
   */
  Supervisor(Patience patience, Consumer<StackProcess> starter, Consumer<String> told) {
    this.patience = patience;
    this.starter = starter;
    this.told = told;
  }

  /** Takes note of the death of a process that nobody had told to end. */
  void died(StackProcess process) {
    if (closed) {
      return;
    }
    int deaths = count(process);
    if (deaths > patience.quickDeaths()) {
      told.accept(
          "%s; it has died %d times in a row soon after its start and stays down"
              .formatted(process.obituary(), deaths));
      return;
    }
    Duration pause = patience.before(deaths - 1);
    told.accept(
        "%s; starting it again in %s"
            .formatted(process.obituary(), LiveLine.seconds(pause.toMillis() / 1_000.0)));
    Thread.startVirtualThread(() -> startAgain(process, pause));
  }

  private synchronized int count(StackProcess process) {
    if (process.age().compareTo(patience.settled()) >= 0) {
      quickDeaths.remove(process);
    }
    return quickDeaths.merge(process, 1, Integer::sum);
  }

  private void startAgain(StackProcess process, Duration pause) {
    try {
      Thread.sleep(pause);
      starter.accept(process);
    } catch (StackException e) {
      died(process);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Starts nothing any more. */
  @Override
  public void close() {
    closed = true;
  }
}

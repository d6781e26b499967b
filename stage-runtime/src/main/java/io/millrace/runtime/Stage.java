package io.millrace.runtime;

/** What a service runs: its own stage of the pipeline. */
public interface Stage extends AutoCloseable {
  /**
   * Starts the stage; called once. May block while it waits for what it needs (schemas, topics, the
   * database) and is interrupted when the process stops meanwhile. Returns when the stage runs by
   * itself.
   *
   * @throws RuntimeException when the stage cannot run; the process says why and exits with 1
   * @throws InterruptedException when interrupted
   */
  void start() throws InterruptedException;

  /** How the stage is now. Called by other threads at any time after construction; never blocks. */
  StageStatus status();

  /** The stage's topology as text, for people; called at any time, also before {@link #start}. */
  String topology();

  /** Stops the stage cleanly: nothing half written. Called once, also when it never started. */
  @Override
  void close();
}

package io.millrace.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One process of the stack, which can be started again after it ended. Thread-safe. */
final class StackProcess {
  private static final int LINE = 120;
  private static final Duration KILLED = Duration.ofSeconds(30);
  private static final Duration REMINDER = Duration.ofSeconds(15);

  /** Starts the process. */
  @FunctionalInterface
  interface Launch {
    ProcessHandle start() throws IOException;
  }

  /** Asks a process to end. */
  @FunctionalInterface
  interface End {
    void ask(ProcessHandle running) throws IOException;
  }

  private final Member member;
  private final Path log;
  private final Launch launch;
  private final End end;
  private final BooleanSupplier ready;
  private final Consumer<StackProcess> died;
  private @Nullable ProcessHandle handle;
  private boolean ending;
  private long started;

  /**
   * A process that is not started yet.
   *
   * @param log where its output goes
   * @param end asks it to end
   * @param ready whether it serves, asked again and again
   * @param died told when the process ends without having been told to
   */
  StackProcess(
      Member member,
      Path log,
      Launch launch,
      End end,
      BooleanSupplier ready,
      Consumer<StackProcess> died) {
    this.member = member;
    this.log = log;
    this.launch = launch;
    this.end = end;
    this.ready = ready;
    this.died = died;
  }

  Member member() {
    return member;
  }

  Path log() {
    return log;
  }

  /**
   * Starts it.
   *
   * @throws StackException if it cannot be started
   */
  synchronized void start() {
    if (alive()) {
      throw new IllegalStateException(member.id() + " runs already");
    }
    ending = false;
    started = System.nanoTime();
    try {
      ProcessHandle running = launch.start();
      handle = running;
      var _ = running.onExit().thenAccept(this::ended);
    } catch (IOException e) {
      throw new StackException("cannot start %s: %s".formatted(member.id(), e), e);
    }
  }

  /**
   * Starts it unless it runs or has been told to end.
   *
   * @return whether it was started
   * @throws StackException if it cannot be started
   */
  synchronized boolean startAgain() {
    if (ending || alive()) {
      return false;
    }
    start();
    return true;
  }

  /** Time since it was started last. */
  synchronized Duration age() {
    return Duration.ofNanos(System.nanoTime() - started);
  }

  private void ended(ProcessHandle ended) {
    boolean unexpected;
    synchronized (this) {
      unexpected = !ending && ended.equals(handle);
    }
    if (unexpected) {
      died.accept(this);
    }
  }

  /** Whether it was started and not told to end since. */
  synchronized boolean wanted() {
    return handle != null && !ending;
  }

  synchronized Optional<ProcessHandle> handle() {
    return Optional.ofNullable(handle);
  }

  synchronized boolean alive() {
    return handle != null && handle.isAlive();
  }

  /**
   * Waits until it serves.
   *
   * @param waiting told now and then what its log said last
   */
  void awaitReady(Duration timeout, Consumer<String> waiting) {
    long deadline = System.nanoTime() + timeout.toNanos();
    long reminder = System.nanoTime() + REMINDER.toNanos();
    while (!ready.getAsBoolean()) {
      if (!alive()) {
        throw new StackException(obituary());
      }
      long now = System.nanoTime();
      if (now - deadline >= 0) {
        throw new StackException(
            "%s did not get ready within %d s%s; its log: %s"
                .formatted(member.id(), timeout.toSeconds(), said(LogTail.lastError(log)), log));
      }
      if (now - reminder >= 0) {
        waiting.accept(
            "waiting for "
                + member.id()
                + said(LogTail.lastLine(log).map(StackProcess::shortened)));
        reminder = now + REMINDER.toNanos();
      }
      pause();
    }
  }

  private static String shortened(String line) {
    return line.length() <= LINE ? line : line.substring(0, LINE) + "...";
  }

  private static String said(Optional<String> line) {
    return line.map(text -> ": " + text).orElse("");
  }

  boolean ready() {
    return alive() && ready.getAsBoolean();
  }

  /** What to tell of its death: its name, its last error and its log. */
  String obituary() {
    return "%s ended unexpectedly; the last it said%s; its log: %s"
        .formatted(member.id(), said(LogTail.lastError(log).or(() -> Optional.of("nothing"))), log);
  }

  /** Asks it to end; {@link #awaitEnd} waits for that. */
  void terminate() {
    ProcessHandle running;
    synchronized (this) {
      ending = true;
      running = handle;
    }
    if (running != null && running.isAlive()) {
      try {
        end.ask(running);
      } catch (IOException e) {
        running.destroy();
      }
    }
  }

  /**
   * Ends it with SIGKILL, as a crash would, and waits until it and all below it are gone; nobody is
   * told.
   */
  void kill() {
    List<ProcessHandle> below;
    synchronized (this) {
      ending = true;
      below = handle == null ? List.of() : handle.descendants().toList();
      if (handle != null) {
        handle.destroyForcibly();
      }
    }
    awaitEnd(KILLED);
    below.forEach(child -> awaitEnd(child, KILLED));
  }

  /**
   * Sends it a signal.
   *
   * @return whether it was there to get it
   */
  boolean signal(String name) {
    Optional<ProcessHandle> running = handle().filter(ProcessHandle::isAlive);
    try {
      return running.isPresent()
          && new ProcessBuilder("kill", "-" + name, Long.toString(running.get().pid()))
                  .start()
                  .waitFor()
              == 0;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot signal " + member.id(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Waits for its end, which SIGKILL brings about once the time is over. */
  void awaitEnd(Duration grace) {
    handle().ifPresent(running -> awaitEnd(running, grace));
  }

  private static void awaitEnd(ProcessHandle running, Duration grace) {
    try {
      running.onExit().get(grace.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      running.destroyForcibly();
      running.onExit().join();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      running.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("interrupted while waiting", e);
    }
  }
}

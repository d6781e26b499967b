package io.millrace.local;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Ends the processes of a stack from outside: its command first, which ends the others. */
final class Shutdown {
  private static final Duration ORDERLY = Duration.ofSeconds(60);
  private static final Duration GRACE = Duration.ofSeconds(15);

  private final Endpoints endpoints;

  Shutdown(Endpoints endpoints) {
    this.endpoints = endpoints;
  }

  /**
   * Runs it.
   *
   * @return whether anything still ran
   */
  boolean run() {
    List<ProcessHandle> running = running();
    if (running.isEmpty()) {
      return false;
    }
    Optional<ProcessHandle> supervisor =
        Optional.ofNullable(endpoints.processes().get(Endpoints.SUPERVISOR))
            .flatMap(Endpoints.ProcessId::running);
    supervisor.ifPresent(ProcessHandle::destroy);
    if (supervisor.isPresent()) {
      awaitEnd(running, ORDERLY);
    }
    List<ProcessHandle> left = running();
    left.forEach(ProcessHandle::destroy);
    awaitEnd(left, GRACE);
    left = running();
    left.forEach(ProcessHandle::destroyForcibly);
    awaitEnd(left, GRACE);
    return true;
  }

  private List<ProcessHandle> running() {
    List<ProcessHandle> running = new ArrayList<>();
    endpoints.processes().values().forEach(id -> id.running().ifPresent(running::add));
    return running;
  }

  private static void awaitEnd(List<ProcessHandle> ending, Duration limit) {
    CompletableFuture<Void> all =
        CompletableFuture.allOf(
            ending.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new));
    try {
      all.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // the next, harder step follows
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("interrupted while the stack was stopping", e);
    }
  }
}

package io.millrace.local;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Does several things at the same time. */
final class Concurrently {
  private Concurrently() {}

  /** Waits until all are done, or the first fails: with its failure. */
  static void run(Collection<Runnable> tasks) {
    CompletableFuture<Void> first = new CompletableFuture<>();
    List<CompletableFuture<Void>> running =
        tasks.stream()
            .map(task -> CompletableFuture.runAsync(task, Thread::startVirtualThread))
            .toList();
    for (CompletableFuture<Void> task : running) {
      var _ =
          task.exceptionally(
              failure -> {
                first.completeExceptionally(failure);
                return null;
              });
    }
    var all = CompletableFuture.allOf(running.toArray(CompletableFuture[]::new));
    try {
      CompletableFuture.anyOf(first, all).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}

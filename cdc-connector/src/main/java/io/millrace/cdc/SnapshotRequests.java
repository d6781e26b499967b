package io.millrace.cdc;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Hands a request for a new snapshot from who asks to who captures. It is accepted when Kafka has
 * it: from then on whoever leads takes the snapshot, however often it is interrupted.
 */
final class SnapshotRequests {
  private @Nullable CompletableFuture<Boolean> pending;

  /**
   * Asks, and waits until Kafka has the request.
   *
   * @return whether it has, within {@code patience}; otherwise nothing was asked for
   */
  boolean ask(Duration patience) throws InterruptedException {
    CompletableFuture<Boolean> asked = begin();
    try {
      return asked.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (TimeoutException e) {
      return withdraw(asked);
    }
  }

  private synchronized CompletableFuture<Boolean> begin() {
    if (pending == null) {
      pending = new CompletableFuture<>();
    }
    return pending;
  }

  private synchronized boolean withdraw(CompletableFuture<Boolean> asked) {
    if (asked.isDone()) {
      return true;
    }
    pending = null;
    return false;
  }

  /** Whether someone waits for an answer. */
  synchronized boolean isPending() {
    return pending != null;
  }

  /** Kafka has the request. */
  synchronized void accepted() {
    if (pending != null) {
      pending.complete(true);
      pending = null;
    }
  }
}

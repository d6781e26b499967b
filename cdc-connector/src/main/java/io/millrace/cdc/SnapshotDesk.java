package io.millrace.cdc;

import io.millrace.cdc.SnapshotCommand.Answer;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where those who ask about snapshots of single tables meet the thread that takes them. What was
 * asked is answered when Kafka has it; what a run that ended left unanswered, the next one does.
 */
final class SnapshotDesk {
  private final Deque<Asked> waiting = new ConcurrentLinkedDeque<>();
  private volatile @Nullable List<SnapshotView> views;
  private volatile Set<String> keyless = Set.of();

  /** A command, and who waits for its answer. */
  record Asked(SnapshotCommand command, CompletableFuture<Answer> answer) {}

  /** Asks, and waits until Kafka has it. */
  Answer ask(SnapshotCommand command, Duration patience) throws InterruptedException {
    Asked asked = new Asked(command, new CompletableFuture<>());
    waiting.add(asked);
    try {
      return asked.answer().get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (TimeoutException e) {
      // Nobody does it later, when nobody waits for it any more.
      asked.answer().complete(waiting.remove(asked) ? Answer.WITHDRAWN : Answer.UNCERTAIN);
      return asked.answer().join();
    }
  }

  /** What is known of all snapshots; empty while no one takes any. */
  Optional<List<SnapshotView>> views() {
    return Optional.ofNullable(views);
  }

  /** The one that is being taken. */
  Optional<SnapshotView> running() {
    return in(SnapshotView.State.RUNNING).findFirst();
  }

  /** How many there are in a state. */
  long count(SnapshotView.State state) {
    return in(state).count();
  }

  private Stream<SnapshotView> in(SnapshotView.State state) {
    return views().orElse(List.of()).stream().filter(view -> view.state() == state);
  }

  /** The next one to be done; null when there is none. */
  @Nullable Asked next() {
    Asked next = waiting.poll();
    while (next != null && next.answer().isDone()) {
      next = waiting.poll();
    }
    return next;
  }

  /** Kafka may not have it: whoever comes next does it, if it is still waited for. */
  void again(Asked asked) {
    waiting.addFirst(asked);
  }

  /** Tables that cannot be read again: it cannot be told which of their rows the topics have. */
  Set<String> keyless() {
    return keyless;
  }

  void keyless(Set<String> tables) {
    keyless = Set.copyOf(tables);
  }

  void show(@Nullable List<SnapshotView> now) {
    views = now;
  }
}

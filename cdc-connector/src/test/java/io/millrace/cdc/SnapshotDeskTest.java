package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.cdc.SnapshotCommand.Answer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What is asked is done, or is known not to be, or is left to whoever asks again. */
class SnapshotDeskTest {
  private static final SnapshotCommand STOP = new SnapshotCommand.Stop("a1");

  private final SnapshotDesk desk = new SnapshotDesk();

  @Test
  void whatNobodyTakesIsWithdrawn() throws Exception {
    assertThat(desk.ask(STOP, Duration.ofMillis(1))).isEqualTo(Answer.WITHDRAWN);
    assertThat(desk.next()).isNull();
  }

  @Test
  void whatARunLeavesUnansweredTheNextOneDoes() throws Exception {
    // given
    CompletableFuture<Answer> answer = asked(Duration.ofMinutes(1));
    desk.again(taken());

    // when
    taken().answer().complete(Answer.ACCEPTED);

    // then
    assertThat(answer.get()).isEqualTo(Answer.ACCEPTED);
  }

  @Test
  void whatNobodyWaitsForAnyMoreIsNotDoneLater() throws Exception {
    // given
    CompletableFuture<Answer> answer = asked(Duration.ofMillis(500));
    SnapshotDesk.Asked taken = taken();

    // when
    assertThat(answer.get()).isEqualTo(Answer.UNCERTAIN);
    desk.again(taken);

    // then
    assertThat(desk.next()).isNull();
  }

  private CompletableFuture<Answer> asked(Duration patience) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return desk.ask(STOP, patience);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private SnapshotDesk.Asked taken() {
    AtomicReference<SnapshotDesk.Asked> taken = new AtomicReference<>();
    await()
        .atMost(Duration.ofMinutes(1))
        .until(
            () -> {
              taken.set(desk.next());
              return taken.get() != null;
            });
    return Objects.requireNonNull(taken.get());
  }
}

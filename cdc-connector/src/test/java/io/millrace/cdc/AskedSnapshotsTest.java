package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cdc.SnapshotCommand.Answer;
import io.millrace.cdc.SnapshotCommand.Pause;
import io.millrace.cdc.SnapshotCommand.Resume;
import io.millrace.cdc.SnapshotCommand.Stop;
import io.millrace.cdc.SnapshotCommand.Take;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What requests make of the list of snapshots. */
class AskedSnapshotsTest {
  private static final AskedSnapshots TWO =
      new AskedSnapshots(List.of())
          .after(new Take("a1", List.of("item", "late"), null))
          .list()
          .after(new Take("b2", List.of("item"), "id < 7"))
          .list();

  @Test
  void theyAreTakenInTheOrderOfTheRequests() {
    assertThat(next(TWO)).contains("a1 item");
    assertThat(TWO.next(table -> !table.equals("item")).map(AskedSnapshot::table)).contains("late");
    assertThat(next(TWO.ended("a1", "item", AskedSnapshot.Outcome.DONE, null))).contains("a1 late");
  }

  @Test
  void oneThatIsPausedLetsTheOthersPassUntilItIsResumed() {
    // when
    AskedSnapshots paused = TWO.after(new Pause("a1")).list();

    // then
    assertThat(next(paused)).contains("b2 item");
    assertThat(next(paused.after(new Resume("a1")).list())).contains("a1 item");
  }

  @Test
  void oneThatIsStoppedOrDoneIsOverWhateverIsAsked() {
    // when
    AskedSnapshots stopped =
        TWO.ended("a1", "item", AskedSnapshot.Outcome.DONE, null).after(new Stop("a1")).list();

    // then
    assertThat(next(stopped)).contains("b2 item");
    assertThat(stopped.find("a1", "item").orElseThrow().outcome())
        .isEqualTo(AskedSnapshot.Outcome.DONE);
    assertThat(stopped.find("a1", "late").orElseThrow().outcome())
        .isEqualTo(AskedSnapshot.Outcome.STOPPED);
    assertThat(stopped.after(new Resume("a1")).answer()).isEqualTo(Answer.OVER);
    assertThat(stopped.after(new Pause("none")).answer()).isEqualTo(Answer.UNKNOWN);
  }

  @Test
  void whatIsAskedTwiceIsDoneOnce() {
    // when
    AskedSnapshots.Effect again = TWO.after(new Take("a1", List.of("item", "late"), null));
    AskedSnapshots stopped = TWO.after(new Stop("b2")).list();

    // then
    assertThat(again).isEqualTo(new AskedSnapshots.Effect(TWO, Answer.ACCEPTED));
    assertThat(stopped.after(new Stop("b2")))
        .isEqualTo(new AskedSnapshots.Effect(stopped, Answer.ACCEPTED));
  }

  @Test
  void theListStaysShortAndForgetsNothingThatIsOpen() {
    // given
    AskedSnapshots list = TWO;

    // when
    for (String id : IntStream.range(0, 300).mapToObj(String::valueOf).toList()) {
      list = list.after(new Take(id, List.of("late"), null)).list();
      list = list.ended(id, "late", AskedSnapshot.Outcome.DONE, null);
    }

    // then
    assertThat(list.all()).hasSizeLessThan(30);
    assertThat(list.all()).containsAll(TWO.all());
    assertThat(list.all().getLast().id()).isEqualTo("299");
  }

  @Test
  void thereIsAnEndToWhatCanBeAskedFor() {
    // given
    AskedSnapshots list = new AskedSnapshots(List.of());
    for (int i = 0; i < AskedSnapshots.MOST_OPEN; i++) {
      list = list.after(new Take("n" + i, List.of("item"), null)).list();
    }

    // when, then
    assertThat(list.after(new Take("more", List.of("item"), null)))
        .isEqualTo(new AskedSnapshots.Effect(list, Answer.TOO_MANY));
  }

  @Test
  void aTableThatLeavesTheFileEndsItsSnapshots() {
    // when
    AskedSnapshots left = TWO.without(Set.of("late"));

    // then
    assertThat(next(left)).contains("a1 late");
    assertThat(left.find("b2", "item").orElseThrow().failure()).contains("no longer");
  }

  private static Optional<String> next(AskedSnapshots list) {
    return list.next(_ -> true).map(one -> one.id() + " " + one.table());
  }
}

package io.millrace.sink.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.schemas.DataFileDescriptor;
import io.millrace.sink.commit.CommitPlan.Received;
import io.millrace.sink.commit.TableProgress.Control;
import io.millrace.sink.commit.TableProgress.SourceProgress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Ranges continue each other, and are applied once, in rounds that keep their order. */
class CommitPlanTest {
  private static final String CONTROL = "control-id";
  private static final String SOURCE = "source-id";

  @Test
  void beginsWithAnEmptyTable() {
    // given
    List<Received> received = List.of(at(0, append(0, -1, 10)), at(1, append(1, -1, 7)));

    // when
    CommitPlan plan = CommitPlan.of(TableProgress.NONE, CONTROL, 0, received);

    // then
    assertThat(plan.rounds()).hasSize(1);
    assertThat(plan.after())
        .isEqualTo(
            new TableProgress(
                new Control(CONTROL, 0, 2),
                Map.of(
                    "t-0", new SourceProgress(SOURCE, 10), "t-1", new SourceProgress(SOURCE, 7))));
  }

  @Test
  void skipsWhatTheTableHas() {
    // given
    TableProgress progress =
        CommitPlan.of(TableProgress.NONE, CONTROL, 0, List.of(at(0, append(0, -1, 10)))).after();

    // when
    CommitPlan again =
        CommitPlan.of(
            progress, CONTROL, 0, List.of(at(0, append(0, -1, 10)), at(3, append(0, 10, 20))));

    // then
    assertThat(again.rounds()).hasSize(1);
    assertThat(again.rounds().getFirst().descriptors()).containsExactly(append(0, 10, 20));
    assertThat(CommitPlan.of(progress, CONTROL, 0, List.of(at(0, append(0, -1, 10)))).rounds())
        .isEmpty();
  }

  @Test
  void givesLaterDeletesOfAPartitionALaterRound() {
    // given
    List<Received> received =
        List.of(
            at(0, upsert(0, -1, 10)),
            at(1, upsert(1, -1, 10)),
            at(2, upsert(0, 10, 20)),
            at(3, append(0, 20, 30)),
            at(4, upsert(0, 30, 40)));

    // when
    CommitPlan plan = CommitPlan.of(TableProgress.NONE, CONTROL, 0, received);

    // then
    assertThat(plan.rounds())
        .extracting(CommitPlan.Round::descriptors)
        .containsExactly(
            List.of(upsert(0, -1, 10), upsert(1, -1, 10)),
            List.of(upsert(0, 10, 20), append(0, 20, 30)),
            List.of(upsert(0, 30, 40)));
  }

  @Test
  void appliesAppendsOfSeveralEpochsInOneRound() {
    // given
    List<Received> received = List.of(at(0, append(0, -1, 10)), at(1, append(0, 10, 20)));

    // when
    CommitPlan plan = CommitPlan.of(TableProgress.NONE, CONTROL, 0, received);

    // then
    assertThat(plan.rounds()).hasSize(1);
  }

  @Test
  void stopsAtAGap() {
    // given
    List<Received> received = List.of(at(0, append(0, -1, 10)), at(1, append(0, 11, 20)));

    // when, then
    assertThatThrownBy(() -> CommitPlan.of(TableProgress.NONE, CONTROL, 0, received))
        .isInstanceOf(ProtocolViolationException.class)
        .hasMessageContaining("holds partition t-0 up to offset 10")
        .hasMessageContaining("records between are missing");
  }

  @Test
  void stopsAtAnOverlap() {
    // given
    List<Received> received = List.of(at(0, append(0, -1, 10)), at(1, append(0, 9, 20)));

    // when, then
    assertThatThrownBy(() -> CommitPlan.of(TableProgress.NONE, CONTROL, 0, received))
        .isInstanceOf(ProtocolViolationException.class)
        .hasMessageContaining("records would be applied twice");
  }

  @Test
  void stopsWhenTheWriterBeginsAgain() {
    // given
    List<Received> received = List.of(at(0, append(0, -1, 10)), at(1, append(0, -1, 20)));

    // when, then
    assertThatThrownBy(() -> CommitPlan.of(TableProgress.NONE, CONTROL, 0, received))
        .isInstanceOf(ProtocolViolationException.class)
        .hasMessageContaining("'the beginning'");
  }

  @Test
  void stopsWhenATableIsNotWhereItsDescriptorsContinue() {
    // given
    List<Received> received = List.of(at(5, append(0, 10, 20)));

    // when, then
    assertThatThrownBy(() -> CommitPlan.of(TableProgress.NONE, CONTROL, 0, received))
        .isInstanceOf(ProtocolViolationException.class)
        .hasMessageContaining("the lake table was dropped");
  }

  @Test
  void stopsAtASourceTopicOfTheSameNameThatIsAnother() {
    // given
    TableProgress progress =
        CommitPlan.of(TableProgress.NONE, CONTROL, 0, List.of(at(0, append(0, -1, 10)))).after();
    DataFileDescriptor other =
        new DataFileDescriptor(
            "s.t",
            "t",
            "another-id",
            1,
            -1,
            20,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            0,
            0,
            null,
            null,
            List.of());

    // when, then
    assertThatThrownBy(() -> CommitPlan.of(progress, CONTROL, 0, List.of(at(1, other))))
        .isInstanceOf(ProtocolViolationException.class)
        .hasMessageContaining("deleted and made again");
  }

  @Test
  void stopsAtALakeCommitsTopicThatIsAnother() {
    // given
    TableProgress progress =
        CommitPlan.of(TableProgress.NONE, CONTROL, 0, List.of(at(7, append(0, -1, 10)))).after();

    // when, then
    assertThatThrownBy(
            () -> CommitPlan.of(progress, "new-id", 0, List.of(at(0, append(0, 10, 20)))))
        .isInstanceOf(ProtocolViolationException.class)
        .hasMessageContaining("lake-commits topic control-id");
    assertThatThrownBy(() -> CommitPlan.of(progress, CONTROL, 1, List.of(at(0, append(0, 10, 20)))))
        .isInstanceOf(ProtocolViolationException.class)
        .hasMessageContaining("partitions were changed");
  }

  private static Received at(long offset, DataFileDescriptor descriptor) {
    return new Received(offset, descriptor);
  }

  private static DataFileDescriptor append(int partition, long start, long end) {
    return descriptor(partition, start, end, List.of());
  }

  private static DataFileDescriptor upsert(int partition, long start, long end) {
    return descriptor(partition, start, end, List.of("deletes"));
  }

  private static DataFileDescriptor descriptor(
      int partition, long start, long end, List<String> deletes) {
    return new DataFileDescriptor(
        "s.t",
        "t",
        SOURCE,
        partition,
        start,
        end,
        List.of("data"),
        deletes,
        List.of(),
        List.of(),
        1,
        deletes.size(),
        null,
        null,
        List.of());
  }
}

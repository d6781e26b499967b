package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SourceOffsetTest {
  private static final SourceOffset OFFSET =
      new SourceOffset(
          Lsn.place(0x16_0000_0028L),
          12L,
          new TreeMap<>(Map.of("item", "public.item")),
          new Footing(
              "7301", 2, new TreeMap<>(Map.of("item", "1/2")), new TreeMap<>(Map.of("item", "id"))),
          7);

  @Test
  void comesBackFromItsJson() {
    // given
    SourceOffset gap = OFFSET.withGap(new Gap("The slot is gone", List.of("item")));

    // when, then
    assertThat(SourceOffset.of(OFFSET.json())).isEqualTo(OFFSET);
    assertThat(SourceOffset.of(gap.json())).isEqualTo(gap);
    assertThat(SourceOffset.of(gap.withSnapshotRequested().json()))
        .isEqualTo(gap.withSnapshotRequested());
  }

  @Test
  void isResumableUnlessItHasAGapOrIsToBeReplaced() {
    // given
    SourceOffset gap = OFFSET.withGap(new Gap("The slot is gone", List.of("item")));

    // when, then
    assertThat(OFFSET.isResumable()).isTrue();
    assertThat(gap.isResumable()).isFalse();
    assertThat(OFFSET.withSnapshotRequested().isResumable()).isFalse();
    assertThat(gap.at(Lsn.place(1), 1).isResumable()).isTrue();
  }

  @Test
  void isReadFromWhatWasWrittenBeforeItKnewOfGaps() {
    // given
    String json =
        "{\"lsn\":\"16/28\",\"system\":\"7301\",\"tables\":{\"item\":\"public.item\"},\"ts_us\":12}";

    // when
    SourceOffset offset = SourceOffset.of(json.getBytes(StandardCharsets.UTF_8));

    // then
    assertThat(offset.placeText()).isEqualTo("16/28");
    assertThat(offset.footing()).isEqualTo(Footing.unknown("7301"));
    assertThat(offset.isResumable()).isTrue();
  }

  @Test
  void comesBackWithTheStatesOfItsTables() {
    // given
    TableState.Progress progress =
        TableState.Progress.of(true)
            .begun(Map.of(0, 7L, 1, 8L), 12)
            .shaped("1 id integer", 1000)
            .reached(List.of("12", "it's"), 3);
    SourceOffset offset =
        OFFSET.with(
            new TreeMap<>(
                Map.of(
                    "item", new TableState("1 id integer, 2 label text", null),
                    "late", new TableState(null, progress))),
            List.of(
                AskedSnapshot.of("a1", "item", "id > 7").with(progress.paused(true)),
                AskedSnapshot.of("b2", "late", null)
                    .ended(AskedSnapshot.Outcome.FAILED, "it's gone")));

    // when, then
    assertThat(SourceOffset.of(offset.json())).isEqualTo(offset);
  }

  @Test
  void anLsnIsUnsigned() {
    assertThat(Lsn.of("FFFFFFFF/FFFFFFFF")).isEqualTo(-1);
    assertThat(Lsn.text(-1)).isEqualTo("FFFFFFFF/FFFFFFFF");
  }

  @Test
  void refusesWhatIsNoOffset() {
    assertThatThrownBy(() -> SourceOffset.of("{}".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not a source offset");
  }
}

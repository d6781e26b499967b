package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a look at a table's columns leads to. */
class TableStateTest {
  private static final TableShape NARROW = TableShape.of("1 id bigint, 2 n integer");
  private static final TableShape WIDE = TableShape.of("1 id bigint, 2 n bigint");
  private static final TableShape MORE = TableShape.of("1 id bigint, 2 n integer, 3 x text");
  private static final TableState.Progress WANTED = TableState.Progress.of(false);

  @Test
  void rowsThatChangedUnseenAreReadAgainOnce() {
    // given
    TableState state = new TableState(NARROW.toString(), null);

    // when
    TableState altered = state.reshaped(NARROW, WIDE, true);

    // then
    assertThat(altered).isEqualTo(new TableState(NARROW.toString(), WANTED));
    assertThat(altered.reshaped(NARROW, WIDE, true)).isEqualTo(altered);
  }

  @Test
  void aLookThatComesAfterTheSnapshotThatItWouldAskForIsTooLate() {
    // given
    TableState read = new TableState(WIDE.toString(), null);

    // when, then
    assertThat(read.reshaped(NARROW, WIDE, true)).isEqualTo(read);
    assertThat(read.reshaped(NARROW, MORE, false)).isEqualTo(read);
  }

  @Test
  void columnsWithoutValuesAreOnlyNoted() {
    TableState state = new TableState(NARROW.toString(), null);
    assertThat(state.reshaped(NARROW, MORE, false))
        .isEqualTo(new TableState(MORE.toString(), null));
  }
}

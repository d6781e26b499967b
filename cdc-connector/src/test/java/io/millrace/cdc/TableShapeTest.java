package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TableShapeTest {
  private static final TableShape BEFORE =
      TableShape.of("1 id integer, 2 label text, 3 amount numeric(12,2)");

  @Test
  void comesBackFromItsText() {
    assertThat(TableShape.of(BEFORE.toString())).isEqualTo(BEFORE);
    assertThat(BEFORE.changes(BEFORE)).isFalse();
    assertThat(BEFORE.added(BEFORE)).isEmpty();
  }

  @Test
  void knowsWhatIsNewAndWhatChanged() {
    assertThat(TableShape.of("1 id integer, 2 title text").added(BEFORE)).containsExactly("title");
    assertThat(TableShape.of("1 id integer").changes(BEFORE)).isFalse();
    assertThat(TableShape.of("1 id bigint, 2 label text").changes(BEFORE)).isTrue();
    assertThat(TableShape.of("1 id integer, 4 label text").changes(BEFORE)).isTrue();
  }

  @Test
  void remembersADroppedColumnUntilItIsThereAgain() {
    // given
    TableShape dropped = TableShape.of("1 id integer, 3 amount numeric(12,2)").after(BEFORE);

    // when
    TableShape again = TableShape.of("1 id integer, 3 amount numeric(12,2), 4 label text");

    // then
    assertThat(dropped.toString()).isEqualTo("1 id integer, 3 amount numeric(12,2), 2 label -");
    assertThat(TableShape.of(dropped.toString())).isEqualTo(dropped);
    assertThat(again.changes(dropped)).isTrue();
    assertThat(again.after(dropped)).isEqualTo(again);
  }
}

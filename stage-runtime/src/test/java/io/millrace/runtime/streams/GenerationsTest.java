package io.millrace.runtime.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class GenerationsTest {
  private static final Generations FIRST =
      Generations.NONE.declaring(views(Map.of("a", "x", "b", "y")));

  private static ViewDefinitions views(Map<String, String> sql) {
    return new ViewDefinitions(sql);
  }

  @Test
  void newViewsAreAGenerationOfTheirOwn() {
    // when
    Generations second = FIRST.declaring(views(Map.of("a", "x", "b", "y", "c", "z", "d", "z")));

    // then
    assertThat(second.all())
        .containsExactly(
            Generation.of(Map.of("a", "x", "b", "y")), Generation.of(Map.of("c", "z", "d", "z")));
    assertThat(Generations.applicationId("shop.enrichment", 0)).isEqualTo("shop.enrichment");
    assertThat(Generations.applicationId("shop.enrichment", 1)).isEqualTo("shop.enrichment-2");
  }

  @Test
  void theSameFileChangesNothing() {
    assertThat(FIRST.declaring(views(Map.of("a", "x", "b", "y")))).isEqualTo(FIRST);
  }

  @Test
  void aViewThatWasTakenAwayWhileOthersWentOnCannotComeBack() {
    // given
    Generations without = FIRST.declaring(views(Map.of("a", "x")));
    assertThat(without.all())
        .containsExactly(
            new Generation(Map.of("a", "x", "b", "y"), Set.of("b"), TopologyLayout.NONE));

    // when / then
    assertThatThrownBy(() -> without.declaring(views(Map.of("a", "x", "b", "y"))))
        .hasMessageContaining("view 'b' was taken away and comes back")
        .hasMessageContaining("give the view a new name");
    assertThat(without.declaring(views(Map.of("a", "x")))).isEqualTo(without);
  }

  /** So an old replica that restarts in the middle of a deployment does no harm. */
  @Test
  void aGenerationOfWhichNoViewIsLeftRestsAndMayGoOn() {
    // given
    ViewDefinitions both = views(Map.of("a", "x", "b", "y", "c", "z"));
    Generations second = FIRST.declaring(both);

    // when
    Generations old = second.declaring(views(Map.of("a", "x", "b", "y")));

    // then
    assertThat(old).isEqualTo(second);
    assertThat(old.all().get(1).runs(Set.of("a", "b"))).isFalse();
    assertThat(old.declaring(both)).isEqualTo(second);
  }

  @Test
  void anotherSqlNeedsAnotherName() {
    assertThatThrownBy(() -> FIRST.declaring(views(Map.of("a", "other", "b", "y"))))
        .hasMessageContaining("the SQL of view 'a' changed")
        .hasMessageContaining("give the view a new name");
    assertThat(FIRST.declaring(views(Map.of("a2", "other", "b", "y"))).all())
        .isEqualTo(
            List.of(
                new Generation(Map.of("a", "x", "b", "y"), Set.of("a"), TopologyLayout.NONE),
                Generation.of(Map.of("a2", "other"))));
  }
}

package io.millrace.runtime.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.pipeline.FilePosition;
import io.millrace.pipeline.View;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ViewDefinitionsTest {
  private static ViewDefinitions of(String name, String sql) {
    return ViewDefinitions.of(List.of(new View(name, sql, new FilePosition(1, 1), 0)));
  }

  @Test
  void layoutDoesNotCount() {
    // given
    ViewDefinitions earlier = of("v", "SELECT a,  b\n  FROM t\n");

    // when
    ViewDefinitions now = of("v", "SELECT a, b FROM t");

    // then
    assertThat(now).isEqualTo(earlier);
    assertThat(now.obstacles(earlier)).isEmpty();
  }

  @Test
  void whiteSpaceInLiteralsCounts() {
    assertThat(of("v", "SELECT 'a  $1' FROM t").obstacles(of("v", "SELECT 'a $1' FROM t")))
        .containsExactly("the SQL of view 'v' changed");
  }

  @Test
  void aNewViewIsAnObstacleAndAVanishedOneIsNot() {
    // given
    ViewDefinitions one = new ViewDefinitions(Map.of("a", "x"));
    ViewDefinitions both = new ViewDefinitions(Map.of("a", "x", "b", "y"));

    // then
    assertThat(both.obstacles(one)).containsExactly("view 'b' is new");
    assertThat(one.obstacles(both)).isEmpty();
  }
}

package io.millrace.runtime.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.pipeline.FilePosition;
import io.millrace.pipeline.View;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ViewDefinitionsTest {
  private static ViewDefinitions of(String name, String sql) {
    return ViewDefinitions.of(List.of(new View(name, sql, new FilePosition(1, 1), 0)));
  }

  @Test
  void layoutDoesNotCount() {
    assertThat(of("v", "SELECT a, b FROM t")).isEqualTo(of("v", "SELECT a,  b\n  FROM t\n"));
  }

  @Test
  void whiteSpaceInLiteralsCounts() {
    assertThat(of("v", "SELECT 'a  $1' FROM t")).isNotEqualTo(of("v", "SELECT 'a $1' FROM t"));
  }
}

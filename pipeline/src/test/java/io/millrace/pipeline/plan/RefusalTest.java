package io.millrace.pipeline.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.pipeline.PipelineFileException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RefusalTest {
  private static final int INDENT = 6;

  @TempDir private Path directory;

  /** A view and the errors that it must have. */
  record Refused(String section, String sql, List<String> errors) {}

  static List<Refused> refused() throws IOException {
    List<Refused> cases = new ArrayList<>();
    try (InputStream resource = RefusalTest.class.getResourceAsStream("refusals.txt")) {
      for (String line :
          new String(resource.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        if (line.startsWith("  ")) {
          cases.getLast().errors().add(line.strip());
        } else if (!line.startsWith("#")) {
          String[] parts = line.split(": ", 2);
          cases.add(new Refused(parts[0], parts[1], new ArrayList<>()));
        }
      }
    }
    return cases;
  }

  private PipelineFileException refuse(String section, String sql) {
    Map<String, String> view = Map.of("v", sql);
    Map<String, String> none = Map.of();
    boolean enrich = section.equals("enrich");
    return catchThrowableOfType(
        PipelineFileException.class,
        () ->
            ViewPlanner.plan(
                Shop.file(directory, enrich ? view : none, enrich ? none : view), Shop.tables()));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void saysWhereAndWhatInstead(Refused refused) {
    // when
    PipelineFileException exception = refuse(refused.section(), refused.sql());

    // then
    assertThat(exception).isNotNull();
    assertThat(exception.errors())
        .extracting(
            error ->
                "%d: %s; %s"
                    .formatted(
                        error.position().column() - INDENT,
                        error.problem().replace("view 'v': ", ""),
                        error.remedy()))
        .containsExactlyElementsOf(refused.errors());
  }

  @Test
  void placesErrorsOfLaterLines() {
    // when
    PipelineFileException exception =
        refuse("enrich", "SELECT order_id,\n  stauts,\n  NOW() AS now\nFROM orders");
    PipelineFileException unknown = refuse("enrich", "SELECT order_id,\n  stauts\nFROM orders");

    // then
    assertThat(exception.errors()).singleElement().asString().contains("yaml:20:9: view 'v': NOW");
    assertThat(unknown.errors()).singleElement().asString().contains("yaml:19:9: view 'v': Column");
  }

  @Test
  void reportsEveryViewAtOnce() {
    // given
    Map<String, String> enrich = Map.of("a", "SELECT order_id, x FROM orders");
    Map<String, String> aggregate =
        Map.of(
            "b",
            "SELECT y, COUNT(*) AS n FROM orders GROUP BY y",
            "c",
            "SELECT order_id, COUNT(*) AS n FROM a GROUP BY order_id");

    // when
    PipelineFileException exception =
        catchThrowableOfType(
            PipelineFileException.class,
            () -> ViewPlanner.plan(Shop.file(directory, enrich, aggregate), Shop.tables()));

    // then
    assertThat(exception.errors())
        .extracting(error -> error.problem())
        .containsExactly(
            "view 'a': Column 'x' not found in any table",
            "view 'b': Column 'y' not found in any table");
  }
}

package io.millrace.system.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of metrics beside the code that makes them. */
final class MetricsPageTest {
  private static final Path HOME = Path.of(System.getProperty("millrace.home"));
  private static final List<String> MODULES =
      List.of("stage-runtime", "cdc-connector", "sink-service");
  private static final Pattern MADE =
      Pattern.compile(
          "(?:builder|running|gauge)\\(\\s*(?:meters,\\s*)?\"(millrace(?:\\.[a-z]+)+)\"");

  /** What Micrometer adds to a name. */
  private static final Pattern ADDED = Pattern.compile("(_seconds|_bytes)?(_total|_max)?");

  @Test
  void thePageHasEveryMetricOfTheCodeAndNoOther() throws IOException {
    // given
    Set<String> made = new TreeSet<>();
    for (String module : MODULES) {
      try (Stream<Path> sources = Files.walk(HOME.resolve(module).resolve("src/main"))) {
        for (Path source : sources.filter(file -> file.toString().endsWith(".java")).toList()) {
          MADE.matcher(Files.readString(source))
              .results()
              .map((MatchResult name) -> name.group(1).replace('.', '_'))
              .forEach(made::add);
        }
      }
    }
    Set<String> documented = new TreeSet<>(MetricsPage.of(HOME).allNames());
    documented.removeIf(name -> !name.startsWith("millrace_"));

    // then
    assertThat(made)
        .hasSizeGreaterThan(20)
        .allSatisfy(name -> assertThat(documented).anyMatch(shown -> isOf(shown, name)));
    assertThat(documented)
        .allSatisfy(shown -> assertThat(made).anyMatch(name -> isOf(shown, name)));
  }

  private static boolean isOf(String shown, String name) {
    return shown.startsWith(name) && ADDED.matcher(shown.substring(name.length())).matches();
  }
}

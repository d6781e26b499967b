package io.millrace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BenchmarksTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final StringWriter errors = new StringWriter();

  @TempDir Path directory;

  @Test
  void saysWhatToDoWithoutTheData() {
    // given
    String missing = directory.resolve("nowhere").toString();

    // when
    int status = execute("retail", "--dataset", missing, "--phases", "stream");

    // then
    assertThat(status).isEqualTo(1);
    assertThat(errors.toString())
        .contains("no Online Retail data set", missing, "--dataset", "benchmarks/README.md")
        .doesNotContain("\tat ");
  }

  @Test
  void refusesAPhaseThatDoesNotExist() {
    // when
    int status = execute("retail", "--phases", "forwards");

    // then
    assertThat(status).isEqualTo(2);
    assertThat(errors.toString()).contains("forwards").containsIgnoringCase("backfill");
  }

  private int execute(String... args) {
    return Benchmarks.commandLine(new PrintStream(printed, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(errors, true))
        .execute(args);
  }
}

package io.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogTailTest {
  @TempDir Path directory;

  @Test
  void prefersTheLastErrorAndUnwrapsStructuredLines() throws Exception {
    // given
    Path log =
        Files.writeString(
            directory.resolve("a.log"),
            """
            {"level":"ERROR","message":"first"}
            {"level":"ERROR","message":"the slot is gone"}
            {"level":"INFO","message":"stopping"}
            """);

    // then
    assertThat(LogTail.lastError(log)).contains("the slot is gone");
  }

  @Test
  void addsTheRootCauseOfAStackTrace() throws Exception {
    // given
    Path log =
        Files.writeString(
            directory.resolve("c.log"),
            """
            12:00 ERROR cannot start
            java.lang.RuntimeException: no server
            \tat a.B.c(B.java:1)
            Caused by: java.io.IOException: nope
            Caused by: java.net.BindException: Address already in use
            \t... 3 more
            """);

    // then
    assertThat(LogTail.lastError(log))
        .contains("12:00 ERROR cannot start (java.net.BindException: Address already in use)");
  }

  @Test
  void withoutAnErrorItIsTheLastLineThatIsNoStackTrace() throws Exception {
    // given
    Path log =
        Files.writeString(
            directory.resolve("b.log"),
            """
            starting
            java.lang.IllegalStateException: no
            \tat a.B.c(B.java:1)
            \t... 3 more
            """);

    // then
    assertThat(LogTail.lastError(log)).contains("java.lang.IllegalStateException: no");
  }

  @Test
  void anAbsentLogSaysNothing() {
    // then
    assertThat(LogTail.lastError(directory.resolve("none.log"))).isEmpty();
  }
}

package io.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The processes that are not Millrace's own: they start, die, come back with their data. */
final class LocalStackIT {
  @TempDir Path directory;

  @Test
  void infrastructureStartsIsKilledAndComesBack() {
    // given
    var deaths = new CopyOnWriteArrayList<String>();
    var settings = new StackSettings(directory.resolve("run"), directory.resolve("pipeline.yaml"));
    try (LocalStack stack = new LocalStack(settings)) {
      stack.onDeath((process, obituary) -> deaths.add(obituary));

      // when
      stack.startInfrastructure();

      // then
      assertThat(stack.ready("postgres")).isTrue();
      assertThat(stack.ready("kafka")).isTrue();
      assertThat(stack.ready("registry")).isTrue();

      // when
      stack.kill("kafka");
      stack.kill("postgres");

      // then
      assertThat(stack.ready("kafka")).isFalse();
      assertThat(stack.ready("postgres")).isFalse();
      assertThat(deaths).isEmpty();

      // when
      stack.restart("postgres");
      stack.restart("kafka");

      // then
      assertThat(stack.ready("postgres")).isTrue();
      assertThat(stack.ready("kafka")).isTrue();

      // when
      ProcessHandle.of(stack.pid("registry").orElseThrow()).orElseThrow().destroyForcibly();

      // then
      Awaitility.await().atMost(Duration.ofMinutes(3)).until(() -> !deaths.isEmpty());
      assertThat(deaths)
          .singleElement()
          .asString()
          .contains("registry ended unexpectedly", stack.log("registry").toString());

      // when
      var told = new CopyOnWriteArrayList<String>();
      stack.supervise(told::add);
      stack.crash("postgres");

      // then
      Awaitility.await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> stack.ready("registry") && stack.ready("postgres"));
      assertThat(told)
          .anyMatch(line -> line.contains("registry ended") && line.contains("starting it again"))
          .anyMatch(line -> line.contains("postgres ended"));
    }
  }
}

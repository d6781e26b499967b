package io.millrace.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ProcessSettingsTest {
  @Test
  void defaults() {
    // when
    ProcessSettings settings = ProcessSettings.of("sink", List.of("/p.yaml"), Map.of());

    // then
    assertThat(settings)
        .isEqualTo(
            new ProcessSettings(
                Path.of("/p.yaml"),
                "",
                Path.of("/var/lib/millrace/sink"),
                "127.0.0.1",
                8080,
                "",
                false));
  }

  @Test
  void everyVariableIsRead() {
    // given
    Map<String, String> environment =
        Map.of(
            "MILLRACE_PIPELINE_FILE", "/q.yaml",
            "MILLRACE_SOURCE", "billing",
            "MILLRACE_STATE_DIR", "/state",
            "MILLRACE_HTTP_HOST", "0.0.0.0",
            "MILLRACE_HTTP_PORT", "9000",
            "MILLRACE_HTTP_TOKEN", "secret",
            "MILLRACE_STACKTRACES", "true");

    // when
    ProcessSettings settings = ProcessSettings.of("sink", List.of(), environment);

    // then
    assertThat(settings)
        .isEqualTo(
            new ProcessSettings(
                Path.of("/q.yaml"), "billing", Path.of("/state"), "0.0.0.0", 9000, "secret", true));
  }

  @Test
  void wrongOnesSayWhatIsRight() {
    // when / then
    assertThatThrownBy(() -> ProcessSettings.of("sink", List.of(), Map.of()))
        .hasMessageContaining("MILLRACE_PIPELINE_FILE");
    assertThatThrownBy(() -> ProcessSettings.of("sink", List.of("a", "b"), Map.of()))
        .hasMessageContaining("--help");
    for (String port : List.of("http", "-1", "65536")) {
      assertThatThrownBy(
              () -> ProcessSettings.of("sink", List.of("a"), Map.of("MILLRACE_HTTP_PORT", port)))
          .hasMessageContaining("0 to 65535");
    }
  }
}

package io.millrace.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.benchmarks.measure.CostMeter.Watched;
import io.millrace.benchmarks.measure.ProcessCost.Part;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

final class CostMeterTest {
  @Test
  void readsWhatTheKernelSaysOfThisProcess() {
    // given
    Assumptions.assumeTrue(Files.exists(Path.of("/proc/self/stat")), "there is no Linux /proc");
    List<Watched> self = List.of(new Watched("this", ProcessHandle.current().pid(), Part.PIPELINE));
    try (CostMeter sinceNow = new CostMeter(self);
        CostMeter sinceItsStart = new CostMeter(List.of())) {
      // when
      ProcessCost now = sinceNow.costs(self, 1_000_000).getFirst();
      ProcessCost start = sinceItsStart.costs(self, 1_000_000).getFirst();

      // then
      assertThat(start.cpuSeconds()).isPositive().isGreaterThanOrEqualTo(now.cpuSeconds());
      assertThat(start.cpuSecondsPerMillion()).isEqualTo(start.cpuSeconds());
      assertThat(start.peakMebibytes()).isBetween(16L, 16_384L);
    }
  }
}

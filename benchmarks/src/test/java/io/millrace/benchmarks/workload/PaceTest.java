package io.millrace.benchmarks.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class PaceTest {
  @Test
  void endsWithTheChangesThatItsTimeHolds() throws InterruptedException {
    // given
    Pace pace = Pace.of(1_000_000, Duration.ofSeconds(1));
    long changes = 0;

    // when
    while (pace.await(250_001)) {
      changes += 250_001;
    }

    // then
    assertThat(changes).isEqualTo(4 * 250_001);
  }

  @Test
  void flatOutDoesNotEnd() throws InterruptedException {
    // given
    Pace pace = Pace.flatOut();

    // when / then
    assertThat(pace.await(Integer.MAX_VALUE)).isTrue();
    assertThat(pace.await(Integer.MAX_VALUE)).isTrue();
  }
}

package io.millrace.runtime.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

final class SparinglyTest {
  private long seconds = 100;

  @Test
  void holdsBackAStormAndSaysHowMany() {
    // given
    InstantSource clock = () -> Instant.ofEpochSecond(seconds);
    Sparingly sparingly = new Sparingly(clock);
    for (int i = 0; i < 20; i++) {
      assertThat(sparingly.admit()).isZero();
    }

    // when / then
    assertThat(sparingly.admit()).isEqualTo(-1);
    assertThat(sparingly.admit()).isEqualTo(-1);
    seconds += 10;
    assertThat(sparingly.admit()).isEqualTo(2);
    assertThat(sparingly.admit()).isZero();
  }
}

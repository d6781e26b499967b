package io.millrace.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LatenciesTest {
  @Test
  void aShareOfThemIsNotAboveIt() {
    // given
    Latencies latencies = new Latencies();
    for (int millis = 2_000; millis > 0; millis--) {
      latencies.add(millis);
    }

    // when / then
    assertThat(latencies.count()).isEqualTo(2_000);
    assertThat(latencies.seconds(0.5)).isEqualTo(1.0);
    assertThat(latencies.seconds(0.99)).isEqualTo(1.98);
    assertThat(latencies.seconds(1)).isEqualTo(2.0);
  }

  @Test
  void takesInOthersAfterItWasRead() {
    // given
    Latencies one = new Latencies();
    one.add(3_000);
    Latencies other = new Latencies();
    other.add(1_000);
    double before = one.seconds(0.5);

    // when
    one.addAll(other);

    // then
    assertThat(before).isEqualTo(3.0);
    assertThat(one.seconds(0.5)).isEqualTo(1.0);
  }

  @Test
  void withoutAnyThereIsNoTime() {
    // given
    Latencies none = new Latencies();

    // when / then
    assertThat(none.seconds(0.99)).isZero();
  }
}

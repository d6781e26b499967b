package io.millrace.sink.writer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.schemas.DataFileDescriptor.SourceTime;
import org.junit.jupiter.api.Test;

class SourceTimesTest {
  @Test
  void countsStreamedChangesByTheEndOfTheirSpan() {
    // given
    SourceTimes times = new SourceTimes();

    // when
    times.add(1_000_000, false);
    times.add(1_099_999, false);
    times.add(1_250_000, false);
    times.add(1_000_001, false);

    // then
    assertThat(times.spans()).containsExactly(new SourceTime(1100, 3), new SourceTime(1300, 1));
    assertThat(times.least()).isEqualTo(1_000_000);
    assertThat(times.greatest()).isEqualTo(1_250_000);
  }

  @Test
  void leavesRowsOfASnapshotOutOfTheSpans() {
    // given
    SourceTimes times = new SourceTimes();

    // when
    times.add(1_000_000, true);

    // then
    assertThat(times.spans()).isEmpty();
    assertThat(times.greatest()).isEqualTo(1_000_000);
  }

  @Test
  void isEmptyAtFirst() {
    // given
    SourceTimes times = new SourceTimes();

    // then
    assertThat(times.least()).isNull();
    assertThat(times.greatest()).isNull();
    assertThat(times.spans()).isEmpty();
  }

  @Test
  void staysSmallOverALongBacklog() {
    // given
    SourceTimes times = new SourceTimes();

    // when
    for (long second = 0; second < 5000; second++) {
      times.add(second * 1_000_000, false);
    }

    // then
    assertThat(times.spans()).hasSizeLessThanOrEqualTo(1001);
    assertThat(times.spans().stream().mapToInt(SourceTime::changes).sum()).isEqualTo(5000);
  }
}

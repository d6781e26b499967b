package io.millrace.cdc.mariadb;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MariaDbGtidsTest {
  private final MariaDbGtids sets = new MariaDbGtids();

  @Test
  void aSetHasTheLastTransactionOfEachDomain() {
    assertThat(sets.with("", "0-1-5")).isEqualTo("0-1-5");
    assertThat(sets.with("0-1-5,3-2-7", "0-9-6")).isEqualTo("0-9-6,3-2-7");
    assertThat(sets.contains("0-1-5,3-2-7", "0-1-5")).isTrue();
    assertThat(sets.contains("0-1-5,3-2-7", "0-2-6")).isFalse();
    assertThat(sets.contains("0-1-5", "4-1-1")).isFalse();
  }

  @Test
  void aPositionIsWithinALaterOne() {
    assertThat(MariaDbGtids.isWithin("0-1-5", "3-2-7,0-1-6")).isTrue();
    assertThat(MariaDbGtids.isWithin("0-1-5,3-2-7", "0-1-6")).isFalse();
    assertThat(MariaDbGtids.isWithin("", "")).isTrue();
    assertThat(MariaDbGtids.isSame("0-1-5,3-2-7", "3-2-7, 0-1-5")).isTrue();
  }
}

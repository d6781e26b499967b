package io.millrace.cdc.binlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BinlogPositionTest {
  @Test
  void numbersHaveTheOrderOfTheLog() {
    // given
    BinlogPosition early = new BinlogPosition("a.bin.000009", 1L << 33);
    BinlogPosition late = new BinlogPosition("a.bin.000010", 4);

    // then
    assertThat(early).isLessThan(late);
    assertThat(early.asNumber()).isLessThan(late.asNumber());
    assertThat(BinlogPosition.text(late.asNumber())).isEqualTo("000010:4");
    assertThatThrownBy(() -> new BinlogPosition("bin.000001", 1L << 40).asNumber())
        .isInstanceOf(ArithmeticException.class);
  }
}

package io.millrace.cdc.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class BinlogTextsTest {
  @Test
  void everyByteOfLatin1IsACharacter() {
    // given
    byte[] bytes = HexFormat.of().parseHex("4180818d8f909dff");

    // then
    assertThat(BinlogTexts.text(bytes, "latin1")).isEqualTo("A€\u0081\u008d\u008f\u0090\u009dÿ");
  }

  @Test
  void zerosAtTheEndAreGivenBack() {
    assertThat(BinlogTexts.uuid(HexFormat.of().parseHex("123e4567e89b12d3a4564266141740")))
        .isEqualTo("123e4567-e89b-12d3-a456-426614174000");
    assertThat(BinlogTexts.bytes(new byte[] {1}, 3)).containsExactly(1, 0, 0);
  }
}

package io.millrace.runtime.serde;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TextTest {
  @Test
  void saysOfAnyBytesWhatTheJdkSays() {
    // given text with some bytes at random in it
    Random random = new Random(7);
    int valid = 0;
    for (int i = 0; i < 200_000; i++) {
      byte[] bytes = "plain text, then ü€𝄞\uFFFD".repeat(1 + i % 2).getBytes(UTF_8);
      for (int changes = random.nextInt(3); changes > 0; changes--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      int length = bytes.length - random.nextInt(6);

      // when / then
      boolean expected = decodes(bytes, length);
      assertThat(Text.isValid(bytes, length)).isEqualTo(expected);
      valid += expected ? 1 : 0;
    }
    assertThat(valid).isBetween(20_000, 180_000);
  }

  private static boolean decodes(byte[] bytes, int length) {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, length));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}

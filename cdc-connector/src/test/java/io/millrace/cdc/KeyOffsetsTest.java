package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyOffsetsTest {
  @Test
  void keepsTheLastOffsetOfEachKeyAsAMapWould() {
    // given
    KeyOffsets keys = new KeyOffsets();
    Map<String, Long> expected = new HashMap<>();
    Random random = new Random(7);

    // when
    for (long offset = 0; offset < 200_000; offset++) {
      String key = "x".repeat(random.nextInt(40)) + random.nextInt(2_000);
      byte[] bytes = key.getBytes(StandardCharsets.US_ASCII);
      if (random.nextInt(4) == 0) {
        keys.dead(bytes);
        expected.put(key, null);
      } else {
        keys.alive(bytes, offset);
        expected.put(key, offset);
      }
    }

    // then
    assertThat(keys.size()).isEqualTo(expected.size()).isGreaterThan(60_000);
    assertThat(keys.aliveOffsets())
        .containsExactly(
            expected.values().stream()
                .filter(offset -> offset != null)
                .mapToLong(Long::longValue)
                .sorted()
                .toArray());
  }

  @Test
  void takesKeysOfAnyLength() {
    // given
    KeyOffsets keys = new KeyOffsets();

    // when
    for (int length : new int[] {0, 1 << 19, 1 << 20, 3 << 20, 5}) {
      keys.alive(new byte[length], length);
    }
    keys.dead(new byte[1 << 20]);
    keys.alive(new byte[5], 6);

    // then
    assertThat(keys.aliveOffsets()).containsExactly(0, 6, 1 << 19, 3 << 20);
  }
}

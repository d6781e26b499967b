package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SeenTransactionsTest {
  private static long[] seen(SeenTransactions transactions, long from, long to) {
    return LongStream.range(from, to).filter(transactions).toArray();
  }

  @Test
  void whatRanWhenTheSnapshotWasTakenIsNotSeen() {
    assertThat(seen(SeenTransactions.of("10:14:11,12"), 8, 17)).containsExactly(8, 9, 10, 13);
    assertThat(seen(SeenTransactions.of("10:10:"), 8, 12)).containsExactly(8, 9);
  }

  @Test
  void theLogHasTheLower32BitsOfAnId() {
    // given: the second time round
    long round = 1L << 32;
    SeenTransactions transactions =
        SeenTransactions.of("%d:%d:%d".formatted(2 * round - 2, 2 * round + 2, 2 * round));
    // when
    long[] seen = seen(transactions, round - 3, round + 4);
    // then
    assertThat(seen).containsExactly(round - 3, round - 2, round - 1, round + 1);
    assertThat(transactions.test(0)).isFalse();
    assertThat(transactions.test(1)).isTrue();
  }
}

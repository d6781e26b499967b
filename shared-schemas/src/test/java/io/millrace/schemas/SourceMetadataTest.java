package io.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SourceMetadataTest {
  private record Position(long lsn, long order) {}

  @Test
  void textOrderIsTheOrderOfTheLog() {
    // given
    Random random = new Random(11);
    List<Position> positions =
        random
            .longs(2_000)
            .mapToObj(bits -> new Position(bits >>> random.nextInt(1, 60), bits & 0xffff))
            .toList();
    Position[] byNumber = positions.toArray(Position[]::new);
    Position[] byText = byNumber.clone();

    // when
    Arrays.sort(
        byNumber,
        (a, b) -> a.lsn != b.lsn ? Long.compare(a.lsn, b.lsn) : Long.compare(a.order, b.order));
    Arrays.sort(
        byText,
        (a, b) ->
            SourceMetadata.postgresPosition(a.lsn, a.order)
                .compareTo(SourceMetadata.postgresPosition(b.lsn, b.order)));

    // then
    assertThat(byText).isEqualTo(byNumber);
  }

  @Test
  void isSixteenHexadecimalDigitsADashAndEight() {
    // when / then
    assertThat(SourceMetadata.postgresPosition(0x1A2B3C4D5L, 7))
        .isEqualTo("00000001a2b3c4d5-00000007");
  }
}

package io.millrace.sink.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Which sizes become one. */
class SizeTiersTest {
  private static final long TARGET = 1_000_000;

  @Test
  void groupsEightOfLikeSizeAndNoFewer() {
    assertThat(groups(Collections.nCopies(7, 100L))).isEmpty();
    assertThat(groups(Collections.nCopies(8, 100L))).containsExactly(Collections.nCopies(8, 100L));
  }

  @Test
  void keepsSizesApartThatDifferByMoreThanEight() {
    // given
    List<Long> mixed =
        LongStream.range(0, 14).map(i -> i % 2 == 0 ? 100 : 100_000).boxed().toList();

    // when, then: the large ones come to more than half of the target
    assertThat(groups(mixed)).containsExactly(Collections.nCopies(7, 100_000L));
  }

  @Test
  void leavesWhatIsLargeEnough() {
    assertThat(groups(Collections.nCopies(20, TARGET / 2))).isEmpty();
  }

  @Test
  void makesNothingLargerThanTheTarget() {
    // when
    List<List<Long>> groups = groups(Collections.nCopies(20, 300_000L));

    // then
    assertThat(groups).hasSize(7).allSatisfy(group -> assertThat(group).hasSizeBetween(2, 3));
  }

  @Test
  void beginsWithTheSmallest() {
    // given
    List<Long> mixed = LongStream.range(0, 16).map(i -> i < 8 ? 9_000 : 9).boxed().toList();

    // when, then
    assertThat(groups(mixed))
        .containsExactly(Collections.nCopies(8, 9L), Collections.nCopies(8, 9_000L));
  }

  private static List<List<Long>> groups(List<Long> sizes) {
    return SizeTiers.groups(sizes, Long::longValue, TARGET);
  }
}

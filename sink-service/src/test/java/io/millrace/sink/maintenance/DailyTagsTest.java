package io.millrace.sink.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.sink.maintenance.DailyTags.Made;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which snapshots are the last of their days. */
class DailyTagsTest {
  private static final Instant NOON = Instant.parse("2026-03-05T12:00:00Z");

  @Test
  void takesTheLastOfEachDayThatIsOver() {
    // given
    List<Made> snapshots =
        List.of(
            made(6, "2026-03-05T11:00:00Z"),
            made(5, "2026-03-05T00:00:00Z"),
            made(4, "2026-03-04T23:59:59.999Z"),
            made(3, "2026-03-04T01:00:00Z"),
            // nothing on the third
            made(2, "2026-03-02T10:00:00Z"),
            made(1, "2026-03-02T09:00:00Z"));

    // when, then
    assertThat(DailyTags.lastOfDays(snapshots, NOON))
        .extracting(Made::snapshot)
        .containsExactly(4L, 2L);
  }

  @Test
  void waitsForCommitsThatBeganBeforeMidnight() {
    // given
    List<Made> snapshots = List.of(made(1, "2026-03-05T23:59:00Z"));

    // when, then
    assertThat(DailyTags.lastOfDays(snapshots, Instant.parse("2026-03-06T00:01:00Z"))).isEmpty();
    assertThat(DailyTags.lastOfDays(snapshots, Instant.parse("2026-03-06T00:03:00Z"))).hasSize(1);
  }

  private static Made made(long snapshot, String at) {
    return new Made(snapshot, Instant.parse(at));
  }
}

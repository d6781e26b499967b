package io.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A transaction may stay open for as long as an epoch and its upload take. */
class SinkSettingsTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 5, 60, 600})
  void givesTheWritersTransactionTheEpochAndAnUpload(long seconds) {
    // given
    Duration commitEvery = Duration.ofSeconds(seconds);

    // when
    Map<String, String> settings = SinkSettings.writer(commitEvery);

    // then
    assertThat(settings).containsEntry("commit.interval.ms", seconds + "000");
    assertThat(Long.parseLong(settings.getOrDefault("producer.transaction.timeout.ms", "0")))
        .isGreaterThanOrEqualTo(commitEvery.plus(SinkSettings.LONGEST_HOOK).toMillis());
  }

  @Test
  void givesTheCommittersTransactionAllItsCommits() {
    // when
    Map<String, String> settings = SinkSettings.committer();

    // then
    assertThat(Long.parseLong(settings.getOrDefault("producer.transaction.timeout.ms", "0")))
        .isGreaterThanOrEqualTo(
            SinkSettings.LONGEST_HOOK.toMillis()
                + Long.parseLong(settings.getOrDefault("commit.interval.ms", "0")));
  }
}

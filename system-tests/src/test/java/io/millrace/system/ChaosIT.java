package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.LakePlace;
import io.millrace.local.chaos.Chaos;
import io.millrace.local.lake.TableComparison;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The promise under faults, on random pipelines: each kind that {@code millrace chaos} knows. */
final class ChaosIT {
  private static final Duration PATIENCE = Duration.ofMinutes(8);
  private static final double CHANGES_PER_SECOND = 50;
  private static final int BULK_ROWS = 1_000;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  @ParameterizedTest
  @CsvSource("2, DISK")
  void everyTableEqualsItsSqlAndNoChangeIsLostOrRepeated(long seed, LakePlace lake)
      throws Exception {
    // given
    var settings = new Chaos.Settings(seed, null, CHANGES_PER_SECOND, BULK_ROWS, PATIENCE, lake);

    // when
    Chaos.Outcome outcome = new Chaos(settings, directory, System.out::println).run();

    // then
    assertThat(outcome.comparisons()).hasSizeGreaterThan(8).allMatch(TableComparison::equal);
    assertThat(outcome.problems()).isEmpty();
    assertThat(outcome.changes()).isPositive();
    assertThat(outcome.faults()).isNotEmpty();
  }
}

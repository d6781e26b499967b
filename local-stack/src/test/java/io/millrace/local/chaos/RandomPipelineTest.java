package io.millrace.local.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.PipelineFileReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a seed makes can be run, and run again. */
class RandomPipelineTest {
  private static final int SEEDS = 200;

  @TempDir private Path directory;

  @Test
  void everySeedMakesAnAcceptedPipeline() {
    int views = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      // when
      PipelineFile file =
          PipelineFileReader.read(
              pipeline(seed).writeTo(directory.resolve(seed + ".yaml")), Map.of());

      // then
      assertThat(file.source().tables()).hasSize(4);
      views += file.enrich().size();
    }
    assertThat(views).isGreaterThan(2 * SEEDS);
  }

  @Test
  void aSeedMakesTheSamePipelineAgain() throws Exception {
    // given
    RandomPipeline once = pipeline(7);
    RandomPipeline again = pipeline(7);

    // when, then
    assertThat(once.tables()).isEqualTo(again.tables()).isNotEqualTo(pipeline(8).tables());
    assertThat(Files.readString(once.writeTo(directory.resolve("once.yaml"))))
        .isEqualTo(Files.readString(again.writeTo(directory.resolve("again.yaml"))));
  }

  @Test
  void aKeysNumberNamesOneKey() {
    for (RandomTable table : pipeline(3).tables()) {
      assertThat(LongStream.range(0, RandomTable.KEYS).mapToObj(table::keyValues).distinct())
          .hasSize(RandomTable.KEYS);
    }
  }

  private static RandomPipeline pipeline(long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    return RandomPipeline.of(random);
  }
}

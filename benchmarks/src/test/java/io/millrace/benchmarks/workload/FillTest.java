package io.millrace.benchmarks.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.benchmarks.Directories;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.PipelineFileReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FillTest {
  @ParameterizedTest
  @ValueSource(strings = {"sink.yaml", "lake.yaml"})
  void getsAlongWithTheClientsAlone(String name, @TempDir Path directory) throws IOException {
    // given the benchmarks' class path, which has no Kafka Streams
    PipelineFile pipeline =
        PipelineFileReader.read(Directories.copyResource(name, directory), Map.of());

    // when
    try (KafkaProducer<byte[], byte[]> producer = Fill.producer(pipeline)) {
      // then
      assertThat(producer.metrics()).isNotEmpty();
    }
  }
}

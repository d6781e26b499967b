package io.millrace.runtime;

import io.millrace.pipeline.FilePosition;
import io.millrace.pipeline.Lake;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.Source;
import io.millrace.pipeline.SourceTable;
import io.millrace.pipeline.TopicSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Small pipelines for tests. */
public final class Pipelines {
  private Pipelines() {}

  /** A pipeline named {@code shop} that captures the tables. */
  public static PipelineFile pipeline(
      String bootstrapServers, String registryUrl, int partitions, String... tables) {
    Map<String, SourceTable> captured = new LinkedHashMap<>();
    for (String table : tables) {
      captured.put(table, new SourceTable(table, "public." + table, false, new FilePosition(1, 1)));
    }
    return new PipelineFile(
        Path.of("pipeline.yaml"),
        "shop",
        Map.of("bootstrap.servers", bootstrapServers),
        Map.of("url", registryUrl),
        new TopicSettings(partitions, (short) 1, Duration.ofDays(7)),
        Map.of(),
        new Source("postgresql", Map.of(), captured),
        Map.of(),
        Map.of(),
        new Lake(Map.of(), Duration.ofSeconds(5)));
  }

  /** The pipeline with another replication factor. */
  public static PipelineFile replicated(PipelineFile pipeline, int replicationFactor) {
    return new PipelineFile(
        pipeline.path(),
        pipeline.pipeline(),
        pipeline.kafka(),
        pipeline.registry(),
        new TopicSettings(
            pipeline.topics().partitions(),
            (short) replicationFactor,
            pipeline.topics().compactionLag()),
        pipeline.streams(),
        pipeline.source(),
        pipeline.enrich(),
        pipeline.aggregate(),
        pipeline.lake());
  }
}

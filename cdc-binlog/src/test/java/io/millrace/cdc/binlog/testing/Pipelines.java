package io.millrace.cdc.binlog.testing;

import io.millrace.cdc.TableNotation;
import io.millrace.pipeline.Lake;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.Source;
import io.millrace.pipeline.TopicSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Pipeline files of tests. A declared key stands behind a colon, {@code +} behind append-only
 * tables.
 */
final class Pipelines {
  private Pipelines() {}

  /** A pipeline of tables of the database that has its name, for what needs no Kafka. */
  static PipelineFile file(
      ServerKind kind,
      String name,
      DatabaseServer server,
      Map<String, String> more,
      String... tables) {
    return file(kind, name, server, Map.of(), Map.of(), more, tables);
  }

  static PipelineFile file(
      ServerKind kind,
      String name,
      DatabaseServer server,
      Map<String, String> kafka,
      Map<String, String> registry,
      Map<String, String> more,
      String... tables) {
    Map<String, String> config = new HashMap<>(server.config());
    config.putAll(more);
    return new PipelineFile(
        Path.of("pipeline.yaml"),
        name,
        kafka,
        registry,
        new TopicSettings(2, (short) 1, Duration.ofDays(7)),
        Map.of(),
        new Source(kind.server().connector(), config, TableNotation.tables(name, tables)),
        Map.of(),
        Map.of(),
        new Lake(Map.of(), Duration.ofSeconds(5)));
  }
}

package io.millrace.runtime.testing;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.PipelineFileReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes small pipeline files, for tests that need one as a user would write it. */
public final class TestPipeline {
  private final String name;
  private final List<String> tables = new ArrayList<>();
  private final Map<String, String> enrich = new LinkedHashMap<>();
  private final Map<String, String> aggregate = new LinkedHashMap<>();
  private String bootstrapServers = "127.0.0.1:1";
  private String registry = "http://127.0.0.1:1/apis/ccompat/v7";
  private int partitions = 1;

  /** A pipeline without tables or views. */
  public TestPipeline(String name) {
    this.name = name;
  }

  /** With a source table {@code public.<table>}. */
  public TestPipeline table(String table) {
    tables.add(table);
    return this;
  }

  /** With an enriched view. */
  public TestPipeline enrich(String view, String sql) {
    enrich.put(view, sql);
    return this;
  }

  /** With an aggregate view. */
  public TestPipeline aggregate(String view, String sql) {
    aggregate.put(view, sql);
    return this;
  }

  /** On a real broker and registry, with topics of {@code partitions}. */
  public TestPipeline on(KafkaBroker broker, RegistryProcess registryProcess, int partitions) {
    this.bootstrapServers = broker.bootstrapServers();
    this.registry = registryProcess.url();
    this.partitions = partitions;
    return this;
  }

  /** Writes the file to {@code directory} and reads it. */
  public PipelineFile write(Path directory) {
    Path file = directory.resolve(name + ".yaml");
    try {
      Files.writeString(file, text());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return PipelineFileReader.read(file, Map.of());
  }

  private String text() {
    StringBuilder text =
        new StringBuilder(
            """
            pipeline: %s
            kafka: {bootstrap.servers: "%s"}
            registry: {url: "%s"}
            topics: {partitions: %d, replication_factor: 1}
            source:
              connector: postgresql
              config: {database.hostname: localhost, database.user: shop, database.dbname: shop}
              tables:
            """
                .formatted(name, bootstrapServers, registry, partitions));
    tables.forEach(
        table ->
            text.append("    ")
                .append(table)
                .append(": {from: public.")
                .append(table)
                .append("}\n"));
    views(text, "enrich", enrich);
    views(text, "aggregate", aggregate);
    return text.append("lake: {catalog: {type: jdbc, uri: 'jdbc:x', warehouse: 'file:///x'}}\n")
        .toString();
  }

  private static void views(StringBuilder text, String section, Map<String, String> views) {
    if (!views.isEmpty()) {
      text.append(section).append(":\n");
      views.forEach(
          (view, sql) ->
              text.append("  ")
                  .append(view)
                  .append(":\n    sql: |\n")
                  .append(sql.strip().indent(6)));
    }
  }
}

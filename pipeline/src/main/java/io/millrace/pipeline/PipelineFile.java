package io.millrace.pipeline;

import static java.util.Collections.unmodifiableMap;
import static java.util.stream.Collectors.joining;

import io.millrace.pipeline.LakeTable.Content;
import io.millrace.schemas.Topics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A pipeline file, read and validated: what every service runs its stage from.
 *
 * @param path where the file was read from
 * @param pipeline name; prefix of topics and consumer groups
 * @param kafka settings for every Kafka client, as they stand: {@code bootstrap.servers}, TLS, SASL
 * @param registry settings of the schema registry: {@code url} of its Confluent-compatible API
 * @param topics settings of the topics that stages create
 * @param streams settings for the Kafka Streams of enrichment-service and aggregation-service, as
 *     they stand
 * @param sources the databases and their captured tables, at least one, in the file's order
 * @param enrich enriched views by name, in the file's order
 * @param aggregate aggregate views by name, in the file's order
 * @param lake the Iceberg catalog and tables
 */
public record PipelineFile(
    Path path,
    String pipeline,
    Map<String, String> kafka,
    Map<String, String> registry,
    TopicSettings topics,
    Map<String, String> streams,
    List<Source> sources,
    Map<String, View> enrich,
    Map<String, View> aggregate,
    Lake lake) {

  /** Keeps its own copy of the sources. */
  public PipelineFile {
    sources = List.copyOf(sources);
  }

  /** A pipeline with one source. */
  public PipelineFile(
      Path path,
      String pipeline,
      Map<String, String> kafka,
      Map<String, String> registry,
      TopicSettings topics,
      Map<String, String> streams,
      Source source,
      Map<String, View> enrich,
      Map<String, View> aggregate,
      Lake lake) {
    this(
        path, pipeline, kafka, registry, topics, streams, List.of(source), enrich, aggregate, lake);
  }

  /**
   * The only source: of a file that has one, or of what {@link #capturing} gives.
   *
   * @throws IllegalStateException when there are several
   */
  public Source source() {
    if (sources.size() > 1) {
      throw new IllegalStateException(pipeline + " has several sources: " + sourceNames());
    }
    return sources.getFirst();
  }

  /**
   * The pipeline as the connector of one source sees it: with that source alone.
   *
   * @param name the source's; empty for the only one
   * @throws IllegalArgumentException when it is not clear which one, saying how to tell it
   */
  public PipelineFile capturing(String name) {
    if (name.isEmpty() && sources.size() == 1) {
      return this;
    }
    List<Source> named = sources.stream().filter(source -> source.name().equals(name)).toList();
    if (named.isEmpty()) {
      throw new IllegalArgumentException(
          name.isEmpty()
              ? "%s names several sources; set MILLRACE_SOURCE to the one to capture: %s"
                  .formatted(path, sourceNames())
              : "%s has no source '%s': it has %s".formatted(path, name, sourceNames()));
    }
    return new PipelineFile(
        path, pipeline, kafka, registry, topics, streams, named, enrich, aggregate, lake);
  }

  private String sourceNames() {
    return sources.stream()
        .map(source -> source.name().isEmpty() ? "one without a name" : source.name())
        .collect(joining(", "));
  }

  /** The captured tables of all sources by their name in the pipeline, in the file's order. */
  public Map<String, SourceTable> tables() {
    Map<String, SourceTable> tables = new LinkedHashMap<>();
    sources.forEach(source -> tables.putAll(source.tables()));
    return unmodifiableMap(tables);
  }

  /** Names of this pipeline's topics. */
  public Topics topicNames() {
    return new Topics(pipeline);
  }

  /** Every lake table the pipeline keeps, with the topic that feeds it. */
  public List<LakeTable> lakeTables() {
    Topics names = topicNames();
    List<LakeTable> tables = new ArrayList<>();
    for (SourceTable table : tables().values()) {
      String topic = names.changes(table.name());
      tables.add(lakeTable("bronze", table.name() + "_changes", topic, Content.CHANGES));
      tables.add(
          lakeTable(
              "silver",
              table.name(),
              topic,
              table.appendOnly() ? Content.APPENDED : Content.MIRROR));
    }
    enrich
        .keySet()
        .forEach(view -> tables.add(lakeTable("silver", view, names.view(view), Content.VIEW)));
    aggregate
        .keySet()
        .forEach(view -> tables.add(lakeTable("gold", view, names.aggregate(view), Content.VIEW)));
    return List.copyOf(tables);
  }

  /** Deletion vectors came with format 3, and only tables with deletes gain by it. */
  private LakeTable lakeTable(String namespace, String name, String topic, Content content) {
    int usual = content == Content.MIRROR || content == Content.VIEW ? 3 : 2;
    LakeTableSettings settings = lake.settings(namespace + "." + name);
    return new LakeTable(
        namespace,
        name,
        topic,
        content,
        Objects.requireNonNullElse(settings.formatVersion(), usual),
        settings.layout(),
        settings.description().orOf(lake.owner()));
  }
}

package io.millrace.pipeline;

import io.millrace.pipeline.LakeTable.Content;
import io.millrace.schemas.Topics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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
 * @param source the database and its captured tables
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
    Source source,
    Map<String, View> enrich,
    Map<String, View> aggregate,
    Lake lake) {

  /** Names of this pipeline's topics. */
  public Topics topicNames() {
    return new Topics(pipeline);
  }

  /** Every lake table the pipeline keeps, with the topic that feeds it. */
  public List<LakeTable> lakeTables() {
    Topics names = topicNames();
    List<LakeTable> tables = new ArrayList<>();
    for (SourceTable table : source.tables().values()) {
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
    int formatVersion = lake.formatVersions().getOrDefault(namespace + "." + name, usual);
    return new LakeTable(namespace, name, topic, content, formatVersion);
  }
}

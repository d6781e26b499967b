package io.millrace.schemas;

import java.util.regex.Pattern;

/**
 * Names of a pipeline's topics, registry subjects and consumer groups.
 *
 * @param pipeline the pipeline's name, which prefixes every topic: lower-case letters, digits and
 *     underscores
 */
public record Topics(String pipeline) {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");

  /** Rejects a name that could not stand in a topic name. */
  public Topics {
    if (!NAME.matcher(pipeline).matches()) {
      throw new IllegalArgumentException(
          "pipeline name '" + pipeline + "' must match " + NAME.pattern());
    }
  }

  /** Change events of a source table. Compacted; keyed by primary key. */
  public String changes(String table) {
    return pipeline + ".cdc." + table;
  }

  /** Rows of an enriched view. Compacted; keyed by the left table's primary key. */
  public String view(String view) {
    return pipeline + ".view." + view;
  }

  /** Rows of an aggregate view. Compacted; keyed by group key. */
  public String aggregate(String view) {
    return pipeline + ".agg." + view;
  }

  /** Poison records of a stage, as they were received. */
  public String deadLetters(String stage) {
    return pipeline + ".dead-letters." + stage;
  }

  /** What has become of dead letters, by the letter's name. Compacted, one partition. */
  public String replays() {
    return pipeline + ".replays";
  }

  /** Data-file descriptors from the sink's writers to its committer, keyed by lake table. */
  public String lakeCommits() {
    return pipeline + ".lake-commits";
  }

  /**
   * Source offsets of a connector. Compacted, one partition. Each source has a topic of its own:
   * whoever reads committed offsets does not see those behind another connector's open transaction.
   *
   * @param source the source's name; empty for the only one
   */
  public String cdcOffsets(String source) {
    return pipeline + ".cdc-offsets" + suffix(source);
  }

  /**
   * Statements by which a source's tables came to their columns. One partition, kept.
   *
   * @param source the source's name; empty for the only one
   */
  public String schemaHistory(String source) {
    return pipeline + ".schema-history" + suffix(source);
  }

  /**
   * Consumer group and transactional id of a source's connectors.
   *
   * @param source the source's name; empty for the only one
   */
  public String connectorId(String source) {
    return applicationId("cdc-connector") + suffix(source);
  }

  private static String suffix(String source) {
    return source.isEmpty() ? "" : "." + source;
  }

  /** Kafka Streams application id, consumer group and internal-topic prefix of a stage. */
  public String applicationId(String stage) {
    return pipeline + "." + stage;
  }

  /** Registry subject of a topic's key schema (Confluent's TopicNameStrategy). */
  public static String keySubject(String topic) {
    return topic + "-key";
  }

  /** Registry subject of a topic's value schema (Confluent's TopicNameStrategy). */
  public static String valueSubject(String topic) {
    return topic + "-value";
  }
}

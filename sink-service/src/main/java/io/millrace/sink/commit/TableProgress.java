package io.millrace.sink.commit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/**
 * How far a lake table has come, as the table itself says: the truth about what was applied.
 *
 * <p>It stands in the summary of each snapshot and in a table property, both written by the same
 * Iceberg transaction, and the greater counts. A snapshot alone can expire once a foreign commit (a
 * compaction, a user) came after it; a property alone would not say what an older snapshot holds.
 *
 * @param control what was read of the lake-commits topic; null before the first commit
 * @param sources what was read of each source partition, by {@code topic-partition}
 */
public record TableProgress(@Nullable Control control, Map<String, SourceProgress> sources) {
  /** Name of the table property and of the snapshot summary's entry. */
  static final String PROPERTY = "millrace.progress";

  /** Name of the table property: source time of the newest change applied, in microseconds. */
  public static final String SOURCE_TIME = "millrace.source-time";

  static final TableProgress NONE = new TableProgress(null, Map.of());

  private static final ObjectMapper JSON = new ObjectMapper();

  public TableProgress {
    sources = Map.copyOf(sources);
  }

  /**
   * A position in the lake-commits topic.
   *
   * @param topicId Kafka's id of the topic
   * @param partition the partition that holds the table's descriptors
   * @param offset the next to be read
   */
  public record Control(String topicId, int partition, long offset) {}

  /**
   * A position in a source partition.
   *
   * @param topicId Kafka's id of the topic
   * @param offset the next to be applied
   */
  public record SourceProgress(String topicId, long offset) {}

  /** The progress that a table's metadata says. */
  public static TableProgress of(TableMetadata table) {
    TableProgress property = parse(table.property(PROPERTY, ""));
    TableProgress summary = ofSnapshots(table);
    return property.isBefore(summary) ? summary : property;
  }

  /** From the newest snapshot that says it. Foreign snapshots do not. */
  private static TableProgress ofSnapshots(TableMetadata table) {
    Snapshot snapshot = table.currentSnapshot();
    while (snapshot != null) {
      String progress = snapshot.summary().get(PROPERTY);
      if (progress != null) {
        return parse(progress);
      }
      Long parent = snapshot.parentId();
      snapshot = parent == null ? null : table.snapshot(parent);
    }
    return NONE;
  }

  /** Whether a snapshot is the sink's own: another writer's does not say how far the table is. */
  public static boolean isSaidBy(Snapshot snapshot) {
    return snapshot.summary().containsKey(PROPERTY);
  }

  private boolean isBefore(TableProgress other) {
    if (other.control == null) {
      return false;
    }
    return control == null || control.offset() < other.control.offset();
  }

  /** Whether everything up to {@code position} of the lake-commits topic has been applied. */
  boolean covers(Control position) {
    return control != null
        && control.topicId().equals(position.topicId())
        && control.partition() == position.partition()
        && control.offset() >= position.offset();
  }

  static TableProgress parse(String json) {
    if (json.isEmpty()) {
      return NONE;
    }
    try {
      JsonNode root = JSON.readTree(json);
      JsonNode control = root.required("control");
      Map<String, SourceProgress> sources = new TreeMap<>();
      root.required("sources")
          .properties()
          .forEach(
              source ->
                  sources.put(
                      source.getKey(),
                      new SourceProgress(
                          source.getValue().required("topic_id").asText(),
                          source.getValue().required("offset").asLong())));
      return new TableProgress(
          new Control(
              control.required("topic_id").asText(),
              control.required("partition").asInt(),
              control.required("offset").asLong()),
          sources);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new IllegalStateException(
          "the table's " + PROPERTY + " cannot be read; it was changed by hand: " + json, e);
    }
  }

  String toJson() {
    ObjectNode root = JSON.createObjectNode();
    if (control != null) {
      root.putObject("control")
          .put("topic_id", control.topicId())
          .put("partition", control.partition())
          .put("offset", control.offset());
    }
    ObjectNode all = root.putObject("sources");
    new TreeMap<>(sources)
        .forEach(
            (source, progress) ->
                all.putObject(source)
                    .put("topic_id", progress.topicId())
                    .put("offset", progress.offset()));
    return root.toString();
  }
}

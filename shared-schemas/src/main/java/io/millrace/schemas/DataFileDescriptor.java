package io.millrace.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.jspecify.annotations.Nullable;

/**
 * What a writer of the sink made of one range of offsets of one source partition, for one lake
 * table: the value of the topic {@link Topics#lakeCommits}, whose contract is {@code
 * data-file-descriptor.avsc}.
 *
 * @param table lake table, {@code namespace.name}
 * @param topic source topic
 * @param topicId Kafka's id of the source topic
 * @param partition source partition
 * @param startOffset first offset of the range; {@link #BEGINNING} for the partition's beginning
 * @param endOffset first offset after the range
 * @param dataFiles data files as JSON of Iceberg's ContentFileParser
 * @param deleteFiles equality-delete files likewise
 * @param deletionVectors deletion vectors likewise: rows that the range deleted
 * @param deadFiles earlier data files likewise, none of whose rows is left
 * @param rows rows in the data files
 * @param deletes keys in the delete files and rows in the deletion vectors
 * @param leastSourceTs least source time of the range, microseconds; null when it is not known
 * @param greatestSourceTs greatest source time of the range, microseconds
 * @param sourceTimes when the source committed the range's streamed changes
 */
public record DataFileDescriptor(
    String table,
    String topic,
    String topicId,
    int partition,
    long startOffset,
    long endOffset,
    List<String> dataFiles,
    List<String> deleteFiles,
    List<String> deletionVectors,
    List<String> deadFiles,
    long rows,
    long deletes,
    @Nullable Long leastSourceTs,
    @Nullable Long greatestSourceTs,
    List<SourceTime> sourceTimes) {

  /** A {@link #startOffset} that says: from wherever the partition begins. */
  public static final long BEGINNING = -1;

  /** The Avro schema. */
  public static final Schema SCHEMA = load();

  /**
   * Changes that the source committed in a span of time.
   *
   * @param at end of the span, milliseconds since the epoch
   * @param changes how many
   */
  public record SourceTime(long at, int changes) {}

  /** The descriptor as an Avro record. */
  public GenericRecord toAvro() {
    Schema spans = SCHEMA.getField("source_times").schema();
    List<GenericRecord> times =
        sourceTimes.stream()
            .map(
                time ->
                    (GenericRecord)
                        new GenericRecordBuilder(spans.getElementType())
                            .set("at", time.at())
                            .set("changes", time.changes())
                            .build())
            .toList();
    return new GenericRecordBuilder(SCHEMA)
        .set("table", table)
        .set("topic", topic)
        .set("topic_id", topicId)
        .set("partition", partition)
        .set("start_offset", startOffset)
        .set("end_offset", endOffset)
        .set("data_files", dataFiles)
        .set("delete_files", deleteFiles)
        .set("deletion_vectors", deletionVectors)
        .set("dead_files", deadFiles)
        .set("rows", rows)
        .set("deletes", deletes)
        .set("least_source_ts", leastSourceTs)
        .set("greatest_source_ts", greatestSourceTs)
        .set("source_times", new GenericData.Array<>(spans, times))
        .build();
  }

  /** The descriptor that a record of {@link #SCHEMA} says. */
  public static DataFileDescriptor fromAvro(GenericRecord record) {
    return new DataFileDescriptor(
        record.get("table").toString(),
        record.get("topic").toString(),
        record.get("topic_id").toString(),
        (int) record.get("partition"),
        (long) record.get("start_offset"),
        (long) record.get("end_offset"),
        strings(record.get("data_files")),
        strings(record.get("delete_files")),
        strings(record.get("deletion_vectors")),
        strings(record.get("dead_files")),
        (long) record.get("rows"),
        (long) record.get("deletes"),
        (Long) record.get("least_source_ts"),
        (Long) record.get("greatest_source_ts"),
        ((List<?>) record.get("source_times"))
            .stream().map(time -> sourceTime((GenericRecord) time)).toList());
  }

  private static SourceTime sourceTime(GenericRecord time) {
    return new SourceTime((long) time.get("at"), (int) time.get("changes"));
  }

  private static List<String> strings(Object array) {
    return ((List<?>) array).stream().map(Object::toString).toList();
  }

  private static Schema load() {
    try (InputStream in =
        DataFileDescriptor.class.getResourceAsStream("data-file-descriptor.avsc")) {
      return new Schema.Parser().parse(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package io.millrace.local.letters;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.schemas.DeadLetter;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter.
 *
 * @param stage that could not use the record
 * @param place of the letter
 * @param headers as text; of several with one name the last
 * @param record the letter itself
 */
public record Letter(
    String stage, Place place, Map<String, String> headers, ConsumerRecord<byte[], byte[]> record) {

  static Letter of(String stage, ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (Header header : record.headers()) {
      headers.put(header.key(), header.value() == null ? "" : new String(header.value(), UTF_8));
    }
    Place place = new Place(record.topic(), record.partition(), record.offset());
    return new Letter(stage, place, headers, record);
  }

  /** By what people name it: {@code stage/partition@offset}. */
  public String id() {
    return id(stage, place.partition(), place.offset());
  }

  static String id(String stage, int partition, long offset) {
    return "%s/%d@%d".formatted(stage, partition, offset);
  }

  /** The topic of the record that the stage could not use. */
  public String topic() {
    return headers.getOrDefault(DeadLetter.TOPIC, "");
  }

  /** Where the record that the stage could not use stands; null when it stands in no topic. */
  public @Nullable Place origin() {
    String partition = headers.get(DeadLetter.PARTITION);
    String offset = headers.get(DeadLetter.OFFSET);
    return partition == null || offset == null
        ? null
        : new Place(topic(), Integer.parseInt(partition), Long.parseLong(offset));
  }

  /** The record's time. */
  public Instant time() {
    String millis = headers.get(DeadLetter.TIMESTAMP);
    return Instant.ofEpochMilli(millis == null ? record.timestamp() : Long.parseLong(millis));
  }

  /** Class of the error, without its package. */
  public String error() {
    String name = headers.getOrDefault(DeadLetter.ERROR, "");
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** What the error said; may quote the record. */
  public String message() {
    return headers.getOrDefault(DeadLetter.MESSAGE, "");
  }

  /** Whether an operator made the row, so that there is no record to replay. */
  boolean isDerived() {
    return headers.containsKey(DeadLetter.DERIVED);
  }

  /** Whether the letter lacks the value, which was too large. */
  boolean isCut() {
    return headers.containsKey(DeadLetter.OMITTED);
  }
}

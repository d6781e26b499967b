package io.millrace.runtime.streams;

import io.millrace.runtime.serde.SourceChange;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * Takes as a change's time, in milliseconds, when the source committed it. Joins and aggregates
 * keep the greatest time of what they are made of, tombstones included: so a row whose input
 * vanished still says since when it is what it is.
 *
 * <p>Not the time of the Kafka record, when cdc-connector wrote it, which is at most an upper bound
 * (a clock of the source that runs ahead must not make times that the broker refuses).
 */
final class CommitTime implements TimestampExtractor {
  @Override
  public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
    // A tombstone follows the event of its delete.
    long time =
        record.value() instanceof SourceChange change
            ? committed(change, record.timestamp())
            : partitionTime;
    return time < 0 ? record.timestamp() : Math.min(time, record.timestamp());
  }

  private static long committed(SourceChange change, long otherwise) {
    try {
      return Math.floorDiv(change.sourceMicros(), 1000);
    } catch (SerializationException e) {
      if (PoisonRecordException.isToBlame(e)) {
        return otherwise;
      }
      throw e;
    }
  }
}

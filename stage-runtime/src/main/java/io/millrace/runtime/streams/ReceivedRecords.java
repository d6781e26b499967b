package io.millrace.runtime.streams;

import io.micrometer.core.instrument.Counter;
import io.millrace.schemas.Row;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Counts the records of a topic, and blames those whose value cannot be read. They stand in the
 * topic's table all the same, as no row: a store that is restored gets everything that the topic
 * holds, and must not differ from one that was there all along.
 */
final class ReceivedRecords<V> implements Processor<Row, @Nullable V, Void, Void> {
  private final RowTable.ValueReader<V> reader;
  private final Counter records;

  /**
   * Records of one topic.
   *
   * @param records counts those that can be read
   */
  ReceivedRecords(RowTable.ValueReader<V> reader, Counter records) {
    this.reader = reader;
    this.records = records;
  }

  @Override
  public void process(Record<Row, @Nullable V> record) {
    V value = record.value();
    if (value != null) {
      try {
        reader.row(record.key(), value);
      } catch (RuntimeException e) {
        throw PoisonRecordException.isToBlame(e) ? new PoisonRecordException(null, null, e) : e;
      }
    }
    records.increment();
  }

  /** The same values, of which those that cannot be read hold no row. */
  static <V> RowTable.ValueReader<V> readable(RowTable.ValueReader<V> reader) {
    return (key, value) -> {
      try {
        return reader.row(key, value);
      } catch (RuntimeException e) {
        if (PoisonRecordException.isToBlame(e)) {
          return null;
        }
        throw e;
      }
    };
  }
}

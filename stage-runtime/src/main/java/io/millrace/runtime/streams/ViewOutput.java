package io.millrace.runtime.streams;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.millrace.schemas.Row;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Gives rows the key record of their view's topic, and measures them on their way out. */
final class ViewOutput extends ContextualProcessor<Row, @Nullable Row, Row, @Nullable Row> {
  private final Schema key;
  private final int sourceTs;
  private final Counter records;
  private final Timer latency;
  private final Clock clock;

  /**
   * An output.
   *
   * @param view whose key record has the columns of the keys that come, in the same order, under
   *     the view's names
   */
  ViewOutput(ViewTopic view, ViewMetrics metrics) {
    this.key = view.plan().output().key();
    this.sourceTs = view.row().getFields().size() - 2;
    this.records = metrics.recordsOut(view.topic());
    this.latency = metrics.latency(view.topic());
    this.clock = Clock.systemUTC();
  }

  @Override
  public void process(Record<Row, @Nullable Row> record) {
    records.increment();
    long micros = TimeUnit.MILLISECONDS.toMicros(record.timestamp());
    Row row = record.value();
    if (row != null) {
      micros = Math.max(micros, (Long) Objects.requireNonNull(row.get(sourceTs)));
      row = since(row, micros);
    }
    long millis = clock.millis() - TimeUnit.MICROSECONDS.toMillis(micros);
    latency.record(Math.max(0, millis), TimeUnit.MILLISECONDS);
    context().forward(record.withKey(new Row(key, record.key().values())).withValue(row));
  }

  /**
   * The row with the time of the change that made it: of its inputs, or of one that vanished, of
   * which only the record's time is left.
   */
  private Row since(Row row, long micros) {
    if (Objects.equals(row.get(sourceTs), micros)) {
      return row;
    }
    @Nullable Object[] values = row.values().clone();
    values[sourceTs] = micros;
    return new Row(row.getSchema(), values);
  }
}

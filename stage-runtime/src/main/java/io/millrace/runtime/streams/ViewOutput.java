package io.millrace.runtime.streams;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.millrace.schemas.Row;
import java.time.Clock;
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
   * @param key of the view's topic: the columns of the keys that come, in the same order, under the
   *     view's names
   * @param row the view's rows, whose last columns are the metadata
   */
  ViewOutput(Schema key, Schema row, String topic, ViewMetrics metrics) {
    this.key = key;
    this.sourceTs = row.getFields().size() - 2;
    this.records = metrics.recordsOut(topic);
    this.latency = metrics.latency(topic);
    this.clock = Clock.systemUTC();
  }

  @Override
  public void process(Record<Row, @Nullable Row> record) {
    records.increment();
    Row row = record.value();
    if (row != null && row.get(sourceTs) instanceof Long micros) {
      long millis = clock.millis() - TimeUnit.MICROSECONDS.toMillis(micros);
      latency.record(Math.max(0, millis), TimeUnit.MILLISECONDS);
    }
    context().forward(record.withKey(new Row(key, record.key().values())));
  }
}

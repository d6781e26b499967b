package io.millrace.runtime.streams;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.runtime.serde.RegistryUnavailableException;
import io.millrace.schemas.Row;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Picks out the values of a table on which an expression fails and makes them dead letters: key and
 * value as they stood before the operator, headers of {@link DeadLetters}. Beside the operator, not
 * in it: there the row must become a tombstone, so that what it was before is taken back.
 */
final class PoisonRows<V> extends ContextualProcessor<Row, @Nullable V, Row, V> {
  private static final Logger LOG = LoggerFactory.getLogger(PoisonRows.class);

  private final RowTable<V> rows;
  private final String stage;
  private final String operator;
  private final ViewMetrics metrics;

  PoisonRows(RowTable<V> rows, String stage, String operator, ViewMetrics metrics) {
    this.rows = rows;
    this.stage = stage;
    this.operator = operator;
    this.metrics = metrics;
  }

  @Override
  public void process(Record<Row, @Nullable V> record) {
    V value = record.value();
    if (value == null) {
      return;
    }
    try {
      rows.row(record.key(), value);
    } catch (RegistryUnavailableException e) {
      throw e;
    } catch (RuntimeException e) {
      context().forward(letter(record, value, e));
    }
  }

  private Record<Row, V> letter(Record<Row, ?> record, V value, RuntimeException error) {
    Headers headers = new RecordHeaders();
    add(headers, DeadLetters.STAGE, stage);
    add(headers, DeadLetters.OPERATOR, operator);
    add(headers, DeadLetters.TIMESTAMP, String.valueOf(record.timestamp()));
    add(headers, DeadLetters.ERROR, error.getClass().getName());
    add(headers, DeadLetters.MESSAGE, String.valueOf(error.getMessage()));
    String topic = "";
    RecordMetadata origin = context().recordMetadata().orElse(null);
    if (origin != null) {
      topic = origin.topic();
      add(headers, DeadLetters.TOPIC, topic);
      add(headers, DeadLetters.PARTITION, String.valueOf(origin.partition()));
      add(headers, DeadLetters.OFFSET, String.valueOf(origin.offset()));
    }
    metrics.deadLetters(topic).increment();
    LOG.warn(
        "Put aside a row that {} cannot compute: {}. Mend the row or the view's SQL; the view is as"
            + " if the row did not exist",
        operator,
        error.getClass().getName());
    return new Record<>(record.key(), value, record.timestamp(), headers);
  }

  private static void add(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(UTF_8));
  }
}

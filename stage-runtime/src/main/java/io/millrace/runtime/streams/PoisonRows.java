package io.millrace.runtime.streams;

import io.millrace.schemas.DeadLetter;
import io.millrace.schemas.Row;
import java.time.InstantSource;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Picks out the values of a table on which an expression fails. Beside the operator, not in it:
 * there the row must become a tombstone, so that what it was before is taken back.
 *
 * <p>Over a topic the record itself is blamed and put aside as it was received. Behind a join or an
 * aggregate there is no such record: the letter, which is forwarded, is the row that the operator
 * got.
 */
final class PoisonRows<V> extends ContextualProcessor<Row, @Nullable V, Row, V> {
  private static final Logger LOG = LoggerFactory.getLogger(PoisonRows.class);

  private final RowTable<V> rows;
  private final DeadLetters letters;
  private final String view;
  private final String operator;
  private final Sparingly lines = new Sparingly(InstantSource.system());

  PoisonRows(RowTable<V> rows, DeadLetters letters, String view, String operator) {
    this.rows = rows;
    this.letters = letters;
    this.view = view;
    this.operator = operator;
  }

  @Override
  public void process(Record<Row, @Nullable V> record) {
    V value = record.value();
    if (value == null) {
      return;
    }
    try {
      rows.row(record.key(), value);
    } catch (RuntimeException e) {
      if (!PoisonRecordException.isToBlame(e)) {
        throw e;
      }
      PoisonRecordException poison = new PoisonRecordException(view, null, e);
      if (rows.source().received()) {
        throw poison;
      }
      context().forward(letter(record, value, poison));
    }
  }

  private Record<Row, V> letter(Record<Row, ?> record, V value, PoisonRecordException poison) {
    Headers headers = new RecordHeaders();
    letters.explain(headers, record.timestamp(), operator, poison);
    DeadLetters.add(headers, DeadLetter.DERIVED, "true");
    RecordMetadata origin = context().recordMetadata().orElse(null);
    if (origin != null) {
      DeadLetters.add(headers, DeadLetter.TOPIC, origin.topic());
      DeadLetters.add(headers, DeadLetter.PARTITION, String.valueOf(origin.partition()));
      DeadLetters.add(headers, DeadLetter.OFFSET, String.valueOf(origin.offset()));
    }
    letters.count(origin == null ? "" : origin.topic()).increment();
    if (lines.admit() >= 0) {
      LOG.warn(
          "Put aside a row that {} cannot compute: {}. Mend the row or the view's SQL; the view is"
              + " as if the row did not exist",
          operator,
          String.valueOf(poison.getCause()).split(":", 2)[0]);
    }
    return new Record<>(record.key(), value, record.timestamp(), headers);
  }
}

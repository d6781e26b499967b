package io.millrace.cdc;

import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Deletes rows that the source does not name: a change event with the row as the topic has it, then
 * a tombstone, both in the partition where the row is.
 */
final class RowDeletions implements Consumer<ConsumerRecord<byte[], byte[]>> {
  private final ChangeTopic topic;
  private final DeletionEncoder encoder;
  private final Change cause;
  private final Consumer<ProducerRecord<byte[], byte[]>> send;
  private long order;

  /**
   * Deletions that one thing causes.
   *
   * @param cause they stand where it stands, numbered from {@code first}
   * @param send takes the records
   */
  RowDeletions(
      ChangeTopic topic, Change cause, long first, Consumer<ProducerRecord<byte[], byte[]>> send) {
    this.topic = topic;
    this.encoder = topic.deletionEncoder();
    this.cause = cause;
    this.order = first;
    this.send = send;
  }

  /** Deletes a row, given by the record that {@link LiveKeys} found. */
  @Override
  public void accept(ConsumerRecord<byte[], byte[]> row) {
    byte[] event = encoder.encode(row.value(), cause.deletion(order++));
    send.accept(new ProducerRecord<>(topic.topic(), row.partition(), row.key(), event));
    send.accept(new ProducerRecord<>(topic.topic(), row.partition(), row.key(), null));
  }

  /** The number that the next deletion would have. */
  long next() {
    return order;
  }
}

package io.millrace.sink.commit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The producer of a Streams thread that calls a {@link CommitHook} between a task's last record and
 * its offsets. Kafka Streams has no callback there; that it commits through {@link
 * #sendOffsetsToTransaction} and {@link #commitTransaction} is public API of the producer.
 *
 * <p>No {@link TimeoutException} leaves these two methods. Streams takes one for a sign that the
 * commit may simply be tried again and revives the tasks: without rewinding them, so the rows of
 * the epoch would be lost, or with a transaction that lacks the offsets. As a plain {@link
 * KafkaException} it ends the thread, and the tasks start at their committed offsets.
 */
final class HookedProducer extends KafkaProducer<byte[], byte[]> {
  private static final Logger LOG = LoggerFactory.getLogger(HookedProducer.class);
  private static final Duration ABORT_WAIT = Duration.ofSeconds(5);

  private final CommitHook hook;
  private Map<TopicPartition, Long> committing = Map.of();
  private boolean inTransaction;

  HookedProducer(Map<String, Object> settings, CommitHook hook) {
    super(settings, new ByteArraySerializer(), new ByteArraySerializer());
    this.hook = hook;
  }

  @Override
  public void beginTransaction() {
    super.beginTransaction();
    inTransaction = true;
  }

  @Override
  public void sendOffsetsToTransaction(
      Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
    try {
      if (!offsets.isEmpty()) {
        Map<TopicPartition, Long> next = new HashMap<>();
        offsets.forEach((partition, offset) -> next.put(partition, offset.offset()));
        sendAll(hook.beforeCommit(next));
        committing = next;
      }
      super.sendOffsetsToTransaction(offsets, group);
    } catch (TimeoutException e) {
      throw fatal("commit offsets " + offsets.keySet(), e);
    } catch (KafkaException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new KafkaException(
          "could not prepare the commit of " + offsets.keySet() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void commitTransaction() {
    try {
      super.commitTransaction();
    } catch (TimeoutException e) {
      throw fatal("commit the transaction of " + committing.keySet(), e);
    }
    inTransaction = false;
    Map<TopicPartition, Long> offsets = committing;
    committing = Map.of();
    if (!offsets.isEmpty()) {
      hook.committed(offsets);
    }
  }

  @Override
  public void abortTransaction() {
    super.abortTransaction();
    inTransaction = false;
    committing = Map.of();
  }

  /** Aborts what is open, so that readers need not wait for the transaction's timeout. */
  @Override
  public void close(Duration timeout) {
    if (inTransaction) {
      inTransaction = false;
      try {
        super.abortTransaction();
      } catch (RuntimeException e) {
        LOG.info("A transaction stays open until its timeout: {}", e.getMessage());
      }
      super.close(ABORT_WAIT);
    }
    super.close(timeout);
  }

  private void sendAll(List<ProducerRecord<byte[], byte[]>> records) {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (ProducerRecord<byte[], byte[]> record : records) {
      sent.add(send(record));
    }
    flush();
    for (Future<RecordMetadata> result : sent) {
      await(result);
    }
  }

  private static void await(Future<RecordMetadata> sent) {
    try {
      sent.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new org.apache.kafka.common.errors.InterruptException(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof KafkaException cause) {
        throw cause;
      }
      throw new KafkaException("could not send a descriptor", e.getCause());
    }
  }

  private static KafkaException fatal(String what, TimeoutException cause) {
    return new KafkaException("timed out trying to " + what, cause);
  }
}

package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The one producer of a pipeline's change topics, and the offsets it commits with what it writes: a
 * Kafka transaction holds changes and the source offset behind them, or neither.
 *
 * <p>Used by one thread.
 */
final class TransactionLog implements AutoCloseable {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(15);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration CLOSE = Duration.ofSeconds(2);
  private static final int COMMIT_ATTEMPTS = 5;

  private final PipelineFile pipeline;
  private final String offsetsTopic;
  private final byte[] offsetKey;
  private final Duration timeout;
  private final Producer<byte[], byte[]> producer;
  private volatile @Nullable SourceOffset committed;
  private boolean open;
  private long openedNanos;

  private TransactionLog(
      PipelineFile pipeline, Duration timeout, Producer<byte[], byte[]> producer) {
    this.pipeline = pipeline;
    this.offsetsTopic = CdcTopics.offsets(pipeline);
    this.offsetKey = key(pipeline);
    this.timeout = timeout;
    this.producer = producer;
  }

  private static byte[] key(PipelineFile pipeline) {
    return pipeline.source().connector().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Takes over: whoever wrote before can commit nothing from now on, what it left open is undone,
   * and only then its last offset is read.
   */
  static TransactionLog open(PipelineFile pipeline, CaptureSettings settings) {
    String id = CdcTopics.connectorId(pipeline);
    Duration timeout = settings.transactionTimeout().orElseGet(() -> longest(pipeline, id));
    Properties properties = new Properties();
    properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    properties.put(ProducerConfig.LINGER_MS_CONFIG, "5");
    properties.put(ProducerConfig.BATCH_SIZE_CONFIG, String.valueOf(256 << 10));
    properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, String.valueOf(64 << 20));
    properties.putAll(KafkaSettings.client(pipeline, id));
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id);
    properties.put(
        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
        String.valueOf(Math.min(timeout.toMillis(), Integer.MAX_VALUE)));
    TransactionLog log =
        new TransactionLog(
            pipeline,
            timeout,
            new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer()));
    try {
      log.producer.initTransactions();
      log.committed = log.readCommitted(id);
      return log;
    } catch (RuntimeException e) {
      log.close();
      throw e;
    }
  }

  /** As long as the broker allows: a snapshot is one transaction, however long it takes. */
  private static Duration longest(PipelineFile pipeline, String clientId) {
    try (Admin admin = Admin.create(KafkaSettings.client(pipeline, clientId + "-admin"))) {
      int node = admin.describeCluster().nodes().get().iterator().next().id();
      ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, String.valueOf(node));
      Config config = admin.describeConfigs(List.of(broker)).all().get().values().iterator().next();
      return Duration.ofMillis(Long.parseLong(config.get("transaction.max.timeout.ms").value()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      // Not everyone may read the broker's settings; its default is known.
      return DEFAULT_TIMEOUT;
    }
  }

  private @Nullable SourceOffset readCommitted(String clientId) {
    Properties properties = KafkaSettings.client(pipeline, clientId + "-offsets");
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    TopicPartition partition = new TopicPartition(offsetsTopic, 0);
    SourceOffset last = null;
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (Arrays.equals(record.key(), offsetKey)) {
            last = record.value() == null ? null : SourceOffset.of(record.value());
          }
        }
      }
    }
    return last;
  }

  /** The offset that Kafka has; empty when the source was never captured. */
  Optional<SourceOffset> committed() {
    return Optional.ofNullable(committed);
  }

  /** The offset that Kafka has, if the source can be carried on from there. */
  Optional<SourceOffset> resumable() {
    return committed().filter(SourceOffset::isResumable);
  }

  /** Whether something was sent that is not committed. */
  boolean isOpen() {
    return open;
  }

  /** Sends a record in the current transaction, which it begins if need be. */
  void send(ProducerRecord<byte[], byte[]> record) {
    try {
      if (!open) {
        producer.beginTransaction();
        open = true;
        openedNanos = System.nanoTime();
      }
      // A failed send fails the commit, which says why.
      var _ = producer.send(record);
    } catch (KafkaException e) {
      throw explained(e);
    }
  }

  /** Waits until the broker has what was sent, or its commit cannot succeed. */
  void flush() {
    producer.flush();
  }

  /** Commits what was sent together with the offset behind it. */
  void commit(SourceOffset offset) {
    send(new ProducerRecord<>(offsetsTopic, 0, offsetKey, offset.json()));
    for (int attempt = 1; ; attempt++) {
      try {
        producer.commitTransaction();
        break;
      } catch (TimeoutException e) {
        // Whether it is committed is settled by asking again, never by starting over.
        if (attempt == COMMIT_ATTEMPTS) {
          throw explained(e);
        }
      } catch (KafkaException e) {
        throw explained(e);
      }
    }
    open = false;
    committed = offset;
  }

  /** Undoes what was sent since the last commit. */
  void abort() {
    if (open) {
      try {
        producer.abortTransaction();
      } catch (KafkaException e) {
        throw explained(e);
      }
      open = false;
    }
  }

  private RuntimeException explained(KafkaException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof ProducerFencedException
          || cause instanceof InvalidProducerEpochException
          || cause instanceof InvalidTxnStateException) {
        Duration lasted = Duration.ofNanos(System.nanoTime() - openedNanos);
        if (open && lasted.compareTo(timeout) >= 0) {
          return new TimedOutException(
              "A snapshot or a source transaction took longer than a Kafka transaction may (%d s, as"
                      .formatted(timeout.toSeconds())
                  + " transaction.timeout.ms says), so Kafka undid it, and it begins anew: raise"
                  + " the broker's transaction.max.timeout.ms (and millrace.transaction.timeout.ms,"
                  + " if the pipeline file sets it)",
              e);
        }
        return new FencedException(
            "Another cdc-connector has taken over from this one (%s)"
                .formatted(CdcTopics.connectorId(pipeline)),
            e);
      }
    }
    return e;
  }

  /** Kafka undid a transaction that took too long. */
  static final class TimedOutException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TimedOutException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Someone else writes now. */
  static final class FencedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FencedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Undoes what is open; when Kafka does not answer, the successor does. */
  @Override
  public void close() {
    producer.close(CLOSE);
  }
}

package io.millrace.runtime.streams;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.TopicAdmin;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A topic through which the replicas of an application agree on what is to stay as it is once one
 * of them has begun: one compacted record of JSON. Of replicas that start at the same time each
 * reads and writes under the same transactional id, and who began later fences who began earlier.
 *
 * @param <T> what they agree on: a record that Jackson can write and read
 */
public final class AgreementTopic<T> {
  private static final Logger LOG = LoggerFactory.getLogger(AgreementTopic.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int MOST_ATTEMPTS = 20;
  private static final int LONGEST_PAUSE_MILLIS = 500;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PipelineFile pipeline;
  private final String topic;
  private final byte[] key;
  private final Class<T> type;
  private final T none;
  private final TopicPartition partition;

  /**
   * An agreement; touches nothing yet.
   *
   * @param application id of the application
   * @param what names topic, {@code <application>-<what>}, and record
   * @param none what stands before anything was agreed
   */
  public AgreementTopic(
      PipelineFile pipeline, String application, String what, Class<T> type, T none) {
    this.pipeline = pipeline;
    this.topic = application + "-" + what;
    this.key = what.getBytes(UTF_8);
    this.type = type;
    this.none = none;
    this.partition = new TopicPartition(topic, 0);
  }

  /**
   * Replaces what was agreed by what {@code change} makes of it, unless another replica did so
   * meanwhile: then {@code change} is asked again. So is a refusal, which may rest on what is no
   * longer so.
   *
   * @return what is agreed now
   * @throws IllegalStateException as {@code change} does
   * @throws KafkaException when the broker does not answer
   */
  public T update(TopicAdmin admin, UnaryOperator<T> change) {
    admin.ensureOffsets(topic);
    for (int attempt = 1; ; attempt++) {
      try {
        if (attempt > 1) {
          Thread.sleep(ThreadLocalRandom.current().nextInt(1, LONGEST_PAUSE_MILLIS));
        }
        return attempt(change);
      } catch (KafkaException e) {
        if (attempt == MOST_ATTEMPTS || !overtaken(e)) {
          throw e;
        }
        LOG.info("Another replica writes to {} just now; reading it again", topic);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new KafkaException("interrupted while agreeing on " + topic, e);
      }
    }
  }

  /** Whether another producer of the transactional id ended what this one had begun. */
  private static boolean overtaken(KafkaException error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof ProducerFencedException
          || e instanceof InvalidProducerEpochException
          || e instanceof InvalidTxnStateException) {
        return true;
      }
    }
    return false;
  }

  private T attempt(UnaryOperator<T> change) throws InterruptedException {
    Properties settings = KafkaSettings.client(pipeline, topic + "-writer");
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, topic);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      // Ends what an earlier producer left open, so that all that was committed can be read.
      producer.initTransactions();
      T before = read().orElse(none);
      T after;
      try {
        after = change.apply(before);
      } catch (IllegalStateException refusal) {
        write(producer, before);
        throw refusal;
      }
      write(producer, after);
      return after;
    }
  }

  private Optional<T> read() {
    Properties settings = KafkaSettings.client(pipeline, topic + "-reader");
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition), PATIENCE).getOrDefault(partition, 0L);
      Optional<T> found = Optional.empty();
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (consumer.position(partition, PATIENCE) < end) {
        if (System.nanoTime() - deadline > 0) {
          throw new KafkaException("could not read topic " + topic + " to its end in " + PATIENCE);
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          found = Optional.ofNullable(record.value()).map(this::decode);
        }
      }
      return found;
    }
  }

  private T decode(byte[] json) {
    try {
      return JSON.readValue(json, type);
    } catch (IOException e) {
      throw new IllegalStateException(
          "topic "
              + topic
              + " does not hold what this version writes; delete it if another wrote to it",
          e);
    }
  }

  private void write(KafkaProducer<byte[], byte[]> producer, T agreed) throws InterruptedException {
    producer.beginTransaction();
    try {
      producer.send(new ProducerRecord<>(topic, 0, key, JSON.writeValueAsBytes(agreed))).get();
      producer.commitTransaction();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException cause
          ? cause
          : new KafkaException("could not write to topic " + topic, e.getCause());
    }
  }
}

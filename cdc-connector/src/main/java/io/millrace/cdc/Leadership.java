package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which of a pipeline's connectors leads: the one that has the only partition of the offsets topic
 * in their consumer group. A newcomer takes it from no one; one that stops gives it up, and one
 * that is killed or frozen loses it when its session ends.
 *
 * <p>It only says who should write. That no other does is the transactional producer's to ensure.
 */
final class Leadership implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
  private static final Duration SESSION = Duration.ofSeconds(6);
  private static final Duration HEARTBEAT = Duration.ofSeconds(2);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration CONFIRM = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration CLOSE = Duration.ofSeconds(5);

  private final PipelineFile pipeline;
  private final TopicPartition seat;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread thread = Thread.ofPlatform().name("leadership").unstarted(this::run);
  private volatile boolean closing;
  private boolean joined;
  private boolean held;
  private boolean resigned;
  private @Nullable String problem;
  private @Nullable CompletableFuture<Boolean> confirmation;

  /** A candidate that has not applied. */
  Leadership(PipelineFile pipeline) {
    this.pipeline = pipeline;
    this.seat = new TopicPartition(CdcTopics.offsets(pipeline), 0);
  }

  /** Applies. */
  void start() {
    thread.start();
  }

  /** Whether this one leads, as far as it knows. */
  boolean held() {
    lock.lock();
    try {
      return held;
    } finally {
      lock.unlock();
    }
  }

  /** Whether it is in the group: it stands by for the leader, unless it leads. */
  boolean joined() {
    lock.lock();
    try {
      return joined;
    } finally {
      lock.unlock();
    }
  }

  /** Why it cannot apply. */
  Optional<String> problem() {
    lock.lock();
    try {
      return Optional.ofNullable(problem);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until it leads, at most for {@code patience}; returns whether it does. */
  boolean await(Duration patience) throws InterruptedException {
    lock.lock();
    try {
      long rest = patience.toNanos();
      while (!held && rest > 0) {
        rest = changed.awaitNanos(rest);
      }
      return held;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Asks Kafka whether this one still leads: one that was frozen learns only later that it was
   * replaced, and must not take over from its successor.
   *
   * @throws KafkaException when Kafka does not answer
   */
  boolean confirm() throws InterruptedException {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    lock.lock();
    try {
      if (!held) {
        return false;
      }
      confirmation = answer;
    } finally {
      lock.unlock();
    }
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw new KafkaException("who leads is not known: " + DatabaseFailures.message(e), e);
    }
  }

  /** Gives up, and applies anew. */
  void resign() {
    lock.lock();
    try {
      resigned = true;
      joined = false;
      held = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (!closing) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
          apply(consumer);
        } catch (KafkaException e) {
          LOG.warn("Cannot join consumer group {}: trying again", seat.topic(), e);
          lost(DatabaseFailures.message(e));
          Thread.sleep(PAUSE);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lost("stopped");
    }
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    String group = CdcTopics.connectorId(pipeline);
    Properties settings = new Properties();
    settings.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, String.valueOf(SESSION.toMillis()));
    settings.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, String.valueOf(HEARTBEAT.toMillis()));
    settings.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, "5000");
    settings.putAll(KafkaSettings.client(pipeline, group + "-leadership"));
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    settings.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
    settings.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Until it resigns, was frozen for longer than its session, or the stage stops. */
  private void apply(KafkaConsumer<byte[], byte[]> consumer) {
    consumer.subscribe(List.of(seat.topic()), new Seat(consumer));
    long polled = System.nanoTime();
    while (!closing && !hasResigned()) {
      if (System.nanoTime() - polled > SESSION.toNanos()) {
        LOG.warn("Stood still for longer than its session ({}): applies anew", SESSION);
        lost(null);
        return;
      }
      polled = System.nanoTime();
      consumer.poll(POLL);
      answer(consumer);
    }
  }

  private boolean hasResigned() {
    lock.lock();
    try {
      boolean given = resigned;
      resigned = false;
      return given;
    } finally {
      lock.unlock();
    }
  }

  /** Only a member of the group's present generation may commit. */
  private void answer(KafkaConsumer<byte[], byte[]> consumer) {
    CompletableFuture<Boolean> question;
    lock.lock();
    try {
      question = confirmation;
      confirmation = null;
    } finally {
      lock.unlock();
    }
    if (question == null) {
      return;
    }
    if (!held()) {
      question.complete(false);
      return;
    }
    try {
      consumer.commitSync(Map.of(seat, new OffsetAndMetadata(0)), CONFIRM);
      question.complete(true);
    } catch (RebalanceInProgressException | CommitFailedException e) {
      LOG.debug("not the leader, or not for sure", e);
      question.complete(false);
    } catch (KafkaException e) {
      question.completeExceptionally(e);
    }
  }

  private void lost(@Nullable String reason) {
    lock.lock();
    try {
      held = false;
      joined = false;
      problem = reason;
      if (confirmation != null) {
        confirmation.complete(false);
        confirmation = null;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** What the group says of the partition. */
  private final class Seat implements ConsumerRebalanceListener {
    private final KafkaConsumer<byte[], byte[]> consumer;

    Seat(KafkaConsumer<byte[], byte[]> consumer) {
      this.consumer = consumer;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      consumer.pause(partitions);
      lock.lock();
      try {
        joined = true;
        problem = null;
        held = (held || partitions.contains(seat)) && !resigned;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      if (partitions.contains(seat)) {
        lost(null);
      }
    }
  }

  /** Leaves the group, so that another leads at once. */
  @Override
  public void close() {
    closing = true;
    try {
      if (thread.isAlive() && !thread.join(CLOSE)) {
        thread.interrupt();
        thread.join(CLOSE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

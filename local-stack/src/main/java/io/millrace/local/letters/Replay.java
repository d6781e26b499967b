package io.millrace.local.letters;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import io.millrace.local.StackException;
import io.millrace.local.letters.PartitionHistory.Original;
import io.millrace.pipeline.PipelineFile;
import io.millrace.schemas.DeadLetter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Puts the records of dead letters at the end of their partitions again, each only if nothing newer
 * of its key stands there.
 *
 * <p>Exact while the partition goes on: the records and the marks of their letters are one Kafka
 * transaction, which commits only after every record between a letter's record and the replayed one
 * was seen. What comes later stands behind it, and so counts.
 *
 * <p>One replay of a pipeline runs at a time: the next one fences it.
 */
public final class Replay implements AutoCloseable {
  private static final int ATTEMPTS = 10;
  private static final int MOST_IN_TRANSACTION = 1000;
  private static final Duration POLL = Duration.ofMillis(100);

  /** Less than the transaction's timeout; open transactions of stages are much shorter. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final PipelineFile pipeline;
  private final KafkaConsumer<byte[], byte[]> committed;
  private final KafkaConsumer<byte[], byte[]> everything;
  private final @Nullable KafkaProducer<byte[], byte[]> producer;

  private Replay(PipelineFile pipeline, @Nullable KafkaProducer<byte[], byte[]> producer) {
    this.pipeline = pipeline;
    this.producer = producer;
    this.committed = LetterBox.consumer(pipeline, "read_committed");
    this.everything = LetterBox.consumer(pipeline, "read_uncommitted");
  }

  /** A replay in a pipeline; ends one that runs elsewhere. */
  public static Replay of(PipelineFile pipeline) {
    ensureMarks(pipeline);
    KafkaProducer<byte[], byte[]> producer = producer(pipeline);
    producer.initTransactions();
    return new Replay(pipeline, producer);
  }

  /** One that changes nothing, and says what would become of letters. */
  public static Replay rehearsal(PipelineFile pipeline) {
    return new Replay(pipeline, null);
  }

  private static KafkaProducer<byte[], byte[]> producer(PipelineFile pipeline) {
    Map<String, Object> settings = new HashMap<>(pipeline.kafka());
    String id = pipeline.pipeline() + ".dead-letters-replay";
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id);
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, id);
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, String.valueOf(16 << 20));
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static void ensureMarks(PipelineFile pipeline) {
    short replicas = pipeline.topics().replicationFactor();
    NewTopic topic =
        new NewTopic(pipeline.topicNames().replays(), 1, replicas)
            .configs(Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT));
    try (Admin admin = Admin.create(new HashMap<String, Object>(pipeline.kafka()))) {
      admin.createTopics(List.of(topic)).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new StackException("cannot create topic " + topic.name() + ": " + e.getCause(), e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("interrupted", e);
    }
  }

  /**
   * Replays letters and marks them.
   *
   * @param letters open ones
   * @return what became of each
   */
  public Map<Letter, Outcome> run(List<Letter> letters) {
    Map<Letter, Outcome> outcomes = new LinkedHashMap<>();
    for (int from = 0; from < letters.size(); from += MOST_IN_TRANSACTION) {
      int to = Math.min(letters.size(), from + MOST_IN_TRANSACTION);
      byPartition(letters.subList(from, to), outcomes)
          .forEach(
              (partition, history) ->
                  outcomes.putAll(
                      producer == null
                          ? foresee(partition, history)
                          : settleAlone(producer, partition, history)));
    }
    return outcomes;
  }

  private Map<Letter, Outcome> foresee(TopicPartition partition, PartitionHistory history) {
    scan(partition, history);
    return outcomes(
        history,
        original ->
            original.isNewest()
                ? new Outcome(Outcome.Kind.REPLAYED, null, null)
                : Outcome.superseded(original.newer()));
  }

  private static Map<Letter, Outcome> outcomes(
      PartitionHistory history, Function<Original, Outcome> outcome) {
    Map<Letter, Outcome> outcomes = new LinkedHashMap<>();
    for (Original original : history.originals()) {
      original.letters().forEach(letter -> outcomes.put(letter, outcome.apply(original)));
    }
    return outcomes;
  }

  /** Histories to be read; refuses the letters that cannot be replayed. */
  private Map<TopicPartition, PartitionHistory> byPartition(
      List<Letter> letters, Map<Letter, Outcome> outcomes) {
    Map<TopicPartition, PartitionHistory> histories = new LinkedHashMap<>();
    for (Letter letter : letters) {
      Place origin = letter.origin();
      byte[] key = letter.record().key();
      if (letter.isDerived()) {
        outcomes.put(
            letter,
            Outcome.refused(
                "a view made this row of several records; mend the row in the source, or the SQL"));
      } else if (origin == null) {
        outcomes.put(
            letter,
            Outcome.refused(
                "the change has no form in Avro and stands in no topic; mend the row in the source,"
                    + " then take a snapshot of it"));
      } else if (key == null) {
        outcomes.put(letter, Outcome.refused("a record without a key belongs to no row"));
      } else {
        histories
            .computeIfAbsent(
                new TopicPartition(origin.topic(), origin.partition()),
                any -> new PartitionHistory())
            .add(origin, key, letter);
      }
    }
    return histories;
  }

  private Map<Letter, Outcome> settleAlone(
      KafkaProducer<byte[], byte[]> producer, TopicPartition partition, PartitionHistory history) {
    try {
      return settle(producer, partition, history);
    } catch (ProducerFencedException e) {
      throw new StackException("another replay of this pipeline began; this one ends", e);
    }
  }

  private Map<Letter, Outcome> settle(
      KafkaProducer<byte[], byte[]> producer, TopicPartition partition, PartitionHistory history) {
    String why = "";
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      long next = scan(partition, history);
      producer.beginTransaction();
      try {
        Map<Original, Long> sent = send(producer, partition, history);
        if (isStillNewest(partition, history, next, sent)) {
          return commit(producer, history, sent);
        }
        why = "something of the same key was written meanwhile";
        producer.abortTransaction();
      } catch (OpenTransactionException e) {
        why = String.valueOf(e.getMessage());
        producer.abortTransaction();
      } catch (ProducerFencedException e) {
        throw e;
      } catch (RuntimeException e) {
        // Says that it is fenced, if that was the reason.
        producer.abortTransaction();
        throw e;
      }
    }
    Outcome busy = Outcome.busy(why);
    return outcomes(history, original -> busy);
  }

  /** Reads what is decided of a partition; returns where it went on to. */
  private long scan(TopicPartition partition, PartitionHistory history) {
    history.forget();
    committed.assign(List.of(partition));
    long end = requireNonNull(committed.endOffsets(List.of(partition)).get(partition));
    long begin = requireNonNull(committed.beginningOffsets(List.of(partition)).get(partition));
    committed.seek(partition, Math.max(begin, history.start()));
    while (committed.position(partition) < end) {
      committed.poll(POLL).forEach(history::see);
    }
    return committed.position(partition);
  }

  private static Map<Original, Long> send(
      KafkaProducer<byte[], byte[]> producer, TopicPartition partition, PartitionHistory history) {
    Map<Original, Future<RecordMetadata>> sending = new LinkedHashMap<>();
    for (Original original : history.originals()) {
      if (original.isNewest()) {
        sending.put(original, producer.send(record(partition, original)));
      }
    }
    producer.flush();
    Map<Original, Long> sent = new LinkedHashMap<>();
    sending.forEach((original, result) -> sent.put(original, await(result).offset()));
    return sent;
  }

  private static RecordMetadata await(Future<RecordMetadata> sent) {
    try {
      return sent.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof KafkaException cause) {
        throw cause;
      }
      throw new StackException("a record could not be sent: " + e.getCause(), e);
    }
  }

  /** The record as it was, for the stages that could not use it. */
  private static ProducerRecord<byte[], byte[]> record(
      TopicPartition partition, Original original) {
    Letter first = original.letters().getFirst();
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            partition.topic(),
            partition.partition(),
            first.time().toEpochMilli(),
            original.key(),
            original.value());
    for (Header header : first.record().headers()) {
      if (!DeadLetter.isHeader(header.key())) {
        record.headers().add(header);
      }
    }
    String stages =
        original.letters().stream().map(Letter::stage).distinct().sorted().collect(joining(","));
    record.headers().add(DeadLetter.REPLAY_FOR, stages.getBytes(UTF_8));
    record.headers().add(DeadLetter.REPLAY_OF, String.valueOf(original.root()).getBytes(UTF_8));
    return record;
  }

  /**
   * Reads on up to the records that were sent. Before the first of them every transaction must have
   * ended; between them, whose transactions cannot end before ours, anything of a key counts.
   */
  private boolean isStillNewest(
      TopicPartition partition, PartitionHistory history, long next, Map<Original, Long> sent) {
    if (sent.isEmpty()) {
      return true;
    }
    Set<Long> own = new TreeSet<>(sent.values());
    long first = own.iterator().next();
    long last = own.stream().reduce(first, Math::max);
    readDecided(partition, history, next, first);
    List<ConsumerRecord<byte[], byte[]>> between = new ArrayList<>();
    everything.assign(List.of(partition));
    everything.seek(partition, first);
    while (everything.position(partition) <= last) {
      everything.poll(POLL).forEach(between::add);
    }
    between.stream()
        .filter(record -> record.offset() < last && !own.contains(record.offset()))
        .forEach(history::see);
    return sent.keySet().stream().allMatch(Original::isNewest);
  }

  private void readDecided(
      TopicPartition partition, PartitionHistory history, long from, long until) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    committed.seek(partition, from);
    while (committed.position(partition) < until) {
      if (System.nanoTime() - deadline > 0) {
        throw new OpenTransactionException(
            "a transaction in %s has been open since offset %d"
                .formatted(partition, committed.position(partition)));
      }
      committed.poll(POLL).forEach(history::see);
    }
  }

  private static final class OpenTransactionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OpenTransactionException(String message) {
      super(message);
    }
  }

  private Map<Letter, Outcome> commit(
      KafkaProducer<byte[], byte[]> producer, PartitionHistory history, Map<Original, Long> sent) {
    Map<Letter, Outcome> outcomes =
        outcomes(
            history,
            original -> {
              Long offset = sent.get(original);
              return offset == null
                  ? Outcome.superseded(original.newer())
                  : Outcome.replayed(offset);
            });
    String marks = pipeline.topicNames().replays();
    List<Future<RecordMetadata>> sending = new ArrayList<>();
    outcomes.forEach(
        (letter, outcome) -> sending.add(producer.send(Marks.record(marks, letter, outcome))));
    producer.commitTransaction();
    sending.forEach(Replay::await);
    return outcomes;
  }

  @Override
  public void close() {
    if (producer != null) {
      producer.close();
    }
    committed.close();
    everything.close();
  }
}

package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The rows that a change topic holds now: of each key the last record, unless that is a tombstone.
 * What the connector itself has sent and not committed yet counts, what was aborted does not.
 *
 * <p>It rests on the connector being the topic's only writer: up to the last stable offset the
 * topic is read as everyone reads it, and what stands behind is the connector's own open
 * transaction. Each partition is read twice, first for the keys, then for the rows, so that memory
 * holds the keys of one partition and no rows.
 *
 * <p>Used by the thread that writes.
 */
final class LiveKeys {
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final PipelineFile pipeline;
  private final TransactionLog log;

  /** Of topics that {@code log} writes. */
  LiveKeys(PipelineFile pipeline, TransactionLog log) {
    this.pipeline = pipeline;
    this.log = log;
  }

  /** Reading of one topic. */
  private record Reading(KafkaConsumer<byte[], byte[]> committed, KafkaConsumer<byte[], byte[]> own)
      implements AutoCloseable {
    @Override
    public void close() {
      committed.close();
      own.close();
    }
  }

  /** A part of a partition; what stands from {@code stable} on is the connector's own. */
  private record Part(TopicPartition partition, long start, long stable, long end) {}

  /** Up to where the topic is written now, per partition: where the next records will stand. */
  Map<Integer, Long> ends(String topic) {
    log.flush();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer("read_uncommitted")) {
      return ends(consumer, topic);
    }
  }

  /**
   * Gives every row, one partition after the other.
   *
   * @param empty up to where no row was there, per partition, from an earlier {@link #ends}; what
   *     has no mark is read from its beginning
   * @param rows takes the record that is the last of its key, with its value; what it sends is not
   *     among what it is given
   */
  void forEach(
      String topic, Map<Integer, Long> empty, Consumer<ConsumerRecord<byte[], byte[]>> rows) {
    forEach(topic, empty, Map.of(), rows);
  }

  /**
   * Gives every row that was not written again since: those whose last record stands before a mark.
   *
   * @param marks per partition, from an earlier {@link #ends}
   * @param rows as for {@link #forEach}
   */
  void forEachBefore(
      String topic, Map<Integer, Long> marks, Consumer<ConsumerRecord<byte[], byte[]>> rows) {
    forEach(topic, Map.of(), marks, rows);
  }

  private void forEach(
      String topic,
      Map<Integer, Long> starts,
      Map<Integer, Long> marks,
      Consumer<ConsumerRecord<byte[], byte[]>> rows) {
    log.flush();
    try (Reading reading = new Reading(consumer("read_committed"), consumer("read_uncommitted"))) {
      for (Part part : parts(reading, topic, starts)) {
        int partition = part.partition().partition();
        long mark = Math.min(part.end(), marks.getOrDefault(partition, Long.MAX_VALUE));
        long[] alive = alive(reading, part);
        if (alive.length == 0) {
          continue;
        }
        read(
            reading,
            new Part(part.partition(), part.start(), Math.min(part.stable(), mark), mark),
            record -> {
              if (Arrays.binarySearch(alive, record.offset()) >= 0) {
                rows.accept(record);
              }
            });
      }
    }
  }

  /** All parts before any is read: what the taker of rows sends can open a transaction. */
  private List<Part> parts(Reading reading, String topic, Map<Integer, Long> starts) {
    reading.committed().assign(partitions(topic));
    reading.own().assign(partitions(topic));
    Map<Integer, Long> ends = ends(reading.own(), topic);
    return partitions(topic).stream()
        .map(
            partition -> {
              long end = Objects.requireNonNull(ends.get(partition.partition()));
              long start = starts.getOrDefault(partition.partition(), 0L);
              long stable = stable(reading.committed(), partition, end);
              return new Part(partition, start, Math.max(start, stable), end);
            })
        .filter(part -> part.start() < part.end())
        .toList();
  }

  private Map<Integer, Long> ends(KafkaConsumer<byte[], byte[]> consumer, String topic) {
    return consumer.endOffsets(partitions(topic)).entrySet().stream()
        .collect(Collectors.toMap(end -> end.getKey().partition(), Map.Entry::getValue));
  }

  private static long[] alive(Reading reading, Part part) {
    KeyOffsets keys = new KeyOffsets();
    read(
        reading,
        part,
        record -> {
          if (record.value() == null) {
            keys.dead(record.key());
          } else {
            keys.alive(record.key(), record.offset());
          }
        });
    return keys.aliveOffsets();
  }

  /**
   * Up to where everything is committed or aborted. Without an open transaction that is the end, as
   * soon as the broker has written the end of the last one.
   */
  private long stable(KafkaConsumer<byte[], byte[]> committed, TopicPartition partition, long end) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      long stable = committed.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      if (stable >= end || log.isOpen()) {
        return Math.min(stable, end);
      }
      if (System.nanoTime() - deadline > 0) {
        throw new KafkaException(
            "the last transaction in %s did not end within %s".formatted(partition, PATIENCE));
      }
    }
  }

  private static void read(
      Reading reading, Part part, Consumer<ConsumerRecord<byte[], byte[]>> records) {
    read(reading.committed(), part.partition(), part.start(), part.stable(), records);
    read(reading.own(), part.partition(), part.stable(), part.end(), records);
  }

  private static void read(
      KafkaConsumer<byte[], byte[]> consumer,
      TopicPartition partition,
      long start,
      long end,
      Consumer<ConsumerRecord<byte[], byte[]>> records) {
    if (start >= end) {
      return;
    }
    consumer.assign(List.of(partition));
    consumer.seek(partition, start);
    while (consumer.position(partition) < end) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.offset() < end) {
          records.accept(record);
        }
      }
    }
  }

  private List<TopicPartition> partitions(String topic) {
    return IntStream.range(0, pipeline.topics().partitions())
        .mapToObj(partition -> new TopicPartition(topic, partition))
        .toList();
  }

  private KafkaConsumer<byte[], byte[]> consumer(String isolation) {
    Properties properties =
        KafkaSettings.client(pipeline, pipeline.pipeline() + ".cdc-connector-rows");
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation);
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    // A fetch beyond the end keeps the next one waiting.
    properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, "5");
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "10000");
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, String.valueOf(4 << 20));
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}

package io.millrace.system.fuzz;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Sends records of the topics again, damaged at random, and remembers which no one can read. */
final class Fuzz {
  private static final int MOST_SAMPLES = 300;

  private final Map<String, String> kafka;
  private final Random random;
  private final Map<String, List<ConsumerRecord<byte[], byte[]>>> samples = new TreeMap<>();
  private final Map<String, TreeSet<Integer>> ids = new HashMap<>();
  private final Map<TopicPartition, Set<Long>> unreadable = new HashMap<>();
  private final Map<Damage, Integer> counts = new TreeMap<>();
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

  Fuzz(Map<String, String> kafka, List<String> topics, long seed) {
    this.kafka = kafka;
    this.random = new Random(seed);
    topics.forEach(this::sample);
  }

  /** Of rows that are there: nothing good would ever come again of a key that was deleted. */
  private void sample(String topic) {
    Map<ByteBuffer, ConsumerRecord<byte[], byte[]>> last = new LinkedHashMap<>();
    TreeSet<Integer> own = new TreeSet<>();
    TopicRecords.read(
        kafka,
        topic,
        record -> {
          if (record.value() == null) {
            last.remove(ByteBuffer.wrap(record.key()));
          } else {
            own.add(ByteBuffer.wrap(record.key()).getInt(1));
            own.add(ByteBuffer.wrap(record.value()).getInt(1));
            last.put(ByteBuffer.wrap(record.key()), record);
          }
        });
    samples.put(topic, last.values().stream().limit(MOST_SAMPLES).toList());
    ids.put(topic, own);
  }

  /** Sends so many records, and deletes the rows that there never were. */
  void run(long records) {
    List<String> topics = List.copyOf(samples.keySet());
    Map<String, List<Integer>> foreign = new HashMap<>();
    topics.forEach(topic -> foreign.put(topic, foreignIds(topic)));
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put("linger.ms", 20);
    settings.put("max.request.size", 2 << 20);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (long i = 0; i < records; i++) {
        String topic = topics.get(random.nextInt(topics.size()));
        List<ConsumerRecord<byte[], byte[]>> some = samples.get(topic);
        Objects.requireNonNull(some);
        Damage damage = Damage.any(random);
        counts.merge(damage, 1, Integer::sum);
        send(
            producer,
            some.get(random.nextInt(some.size())),
            damage,
            Objects.requireNonNull(foreign.get(topic)));
      }
    }
    Exception error = failure.get();
    if (error != null) {
      throw new IllegalStateException("a record could not be sent", error);
    }
  }

  private void send(
      KafkaProducer<byte[], byte[]> producer,
      ConsumerRecord<byte[], byte[]> sample,
      Damage damage,
      List<Integer> foreign) {
    byte[] key = damage.key(sample.key(), random);
    byte[] value = damage.value(sample.value(), foreign, random);
    TopicPartition partition = new TopicPartition(sample.topic(), sample.partition());
    send(producer, partition, key, value, damage.isFatal());
    if (damage.isOfKey()) {
      send(producer, partition, key, null, false);
    }
  }

  private void send(
      KafkaProducer<byte[], byte[]> producer,
      TopicPartition partition,
      byte[] key,
      byte @Nullable [] value,
      boolean isUnreadable) {
    var _ =
        producer.send(
            new ProducerRecord<>(partition.topic(), partition.partition(), key, value),
            (at, error) -> {
              if (error != null) {
                failure.compareAndSet(null, error);
              } else if (isUnreadable) {
                unreadable.computeIfAbsent(partition, any -> new TreeSet<>()).add(at.offset());
              }
            });
  }

  private List<Integer> foreignIds(String topic) {
    TreeSet<Integer> foreign = new TreeSet<>();
    ids.values().forEach(foreign::addAll);
    foreign.removeAll(Objects.requireNonNull(ids.get(topic)));
    return List.copyOf(foreign);
  }

  /** A record without a key, which a compacted topic must refuse: it could be of no row. */
  void sendWithoutKey(String topic) throws ExecutionException, InterruptedException {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            new HashMap<String, Object>(kafka),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(topic, null, new byte[] {0})).get();
    }
  }

  /** Offsets of records that no reader of their topic can read. */
  Map<TopicPartition, Set<Long>> unreadable() {
    return unreadable;
  }

  /** How many were sent of each kind. */
  Map<Damage, Integer> counts() {
    return counts;
  }
}

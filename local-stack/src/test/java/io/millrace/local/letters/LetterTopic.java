package io.millrace.local.letters;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.pipeline.PipelineFile;
import io.millrace.schemas.DeadLetter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** A topic with one partition, what is written to it, and letters about its records. */
final class LetterTopic {
  static final String STAGE = "sink-service";
  private static final List<String> STAGES = List.of(STAGE, "enrichment", "cdc-connector");

  private final PipelineFile pipeline;
  private final String topic;

  LetterTopic(PipelineFile pipeline, String table) throws Exception {
    this.pipeline = pipeline;
    this.topic = pipeline.topicNames().changes(table);
    try (Admin admin = Admin.create(new HashMap<String, Object>(pipeline.kafka()))) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
      Set<String> existing = admin.listTopics().names().get();
      for (String stage : STAGES) {
        String letters = pipeline.topicNames().deadLetters(stage);
        if (!existing.contains(letters)) {
          admin.createTopics(List.of(new NewTopic(letters, 2, (short) 1))).all().get();
        }
      }
    }
  }

  String name() {
    return topic;
  }

  KafkaProducer<byte[], byte[]> producer(@Nullable String transactionalId) {
    Map<String, Object> settings = new HashMap<>(pipeline.kafka());
    if (transactionalId != null) {
      settings.put("transactional.id", transactionalId);
    }
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  ProducerRecord<byte[], byte[]> record(String key, @Nullable String value) {
    return new ProducerRecord<>(
        topic, key.getBytes(UTF_8), value == null ? null : value.getBytes(UTF_8));
  }

  /** Writes a record that is committed at once; its offset. */
  long write(String key, @Nullable String value) throws ExecutionException, InterruptedException {
    try (KafkaProducer<byte[], byte[]> producer = producer(null)) {
      return producer.send(record(key, value)).get().offset();
    }
  }

  /** The letter that a stage writes of a record. */
  ProducerRecord<byte[], byte[]> letter(
      String stage, long offset, String key, @Nullable String value) {
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(
            pipeline.topicNames().deadLetters(stage),
            key.getBytes(UTF_8),
            value == null ? null : value.getBytes(UTF_8));
    Map.of(
            DeadLetter.STAGE, stage,
            DeadLetter.TOPIC, topic,
            DeadLetter.PARTITION, "0",
            DeadLetter.OFFSET, String.valueOf(offset),
            DeadLetter.TIMESTAMP, "1000",
            DeadLetter.ERROR, "org.apache.kafka.common.errors.SerializationException",
            DeadLetter.MESSAGE, "cut short")
        .forEach((name, text) -> letter.headers().add(name, text.getBytes(UTF_8)));
    return letter;
  }

  void complain(String stage, long offset, String key, @Nullable String value)
      throws ExecutionException, InterruptedException {
    try (KafkaProducer<byte[], byte[]> producer = producer(null)) {
      producer.send(letter(stage, offset, key, value)).get();
    }
  }

  /** Letters that are not settled. */
  List<Letter> open() {
    List<Letter> open = new ArrayList<>();
    try (LetterBox box = new LetterBox(pipeline)) {
      Map<String, Outcome> outcomes = box.outcomes();
      box.read(
          new LetterFilter(Set.of(), null, topic, null),
          letter -> {
            if (!outcomes.containsKey(letter.id())) {
              open.add(letter);
            }
          });
    }
    return open;
  }

  /** What committed transactions wrote. */
  List<ConsumerRecord<byte[], byte[]>> records() {
    TopicPartition partition = new TopicPartition(topic, 0);
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (var consumer = LetterBox.consumer(pipeline, "read_committed")) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = Objects.requireNonNull(consumer.endOffsets(List.of(partition)).get(partition));
      while (consumer.position(partition) < end) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    return records;
  }

  static @Nullable String header(ConsumerRecord<?, ?> record, String name) {
    var header = record.headers().lastHeader(name);
    return header == null ? null : new String(header.value(), UTF_8);
  }
}

package io.millrace.local.letters;

import io.millrace.local.StackException;
import io.millrace.pipeline.PipelineFile;
import io.millrace.schemas.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a pipeline's dead letters, and what has become of them. */
public final class LetterBox implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration ANSWER = Duration.ofSeconds(15);

  private final Topics topics;
  private final KafkaConsumer<byte[], byte[]> consumer;

  /** The letters of a pipeline, by the file's {@code kafka} settings. */
  public LetterBox(PipelineFile pipeline) {
    this.topics = pipeline.topicNames();
    this.consumer = consumer(pipeline, "read_committed");
  }

  static KafkaConsumer<byte[], byte[]> consumer(PipelineFile pipeline, String isolation) {
    Map<String, Object> settings = new HashMap<>(pipeline.kafka());
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, pipeline.pipeline() + ".dead-letters");
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Gives every letter that is meant, stage by stage, in each partition the oldest first. */
  public void read(LetterFilter filter, Consumer<Letter> reader) {
    for (Map.Entry<String, String> stage : stages().entrySet()) {
      if (filter.mayBeOf(stage.getKey())) {
        readTopic(
            stage.getValue(),
            record -> {
              Letter letter = Letter.of(stage.getKey(), record);
              if (filter.test(letter)) {
                reader.accept(letter);
              }
            });
      }
    }
  }

  /** What has become of letters, by their names; the others are open. */
  public Map<String, Outcome> outcomes() {
    Map<String, Outcome> outcomes = new HashMap<>();
    readTopic(topics.replays(), record -> Marks.read(record, outcomes));
    return outcomes;
  }

  /** Stages that have dead letters, with their topics. */
  private Map<String, String> stages() {
    String prefix = topics.deadLetters("");
    Map<String, String> stages = new TreeMap<>();
    for (String topic : existing()) {
      if (topic.startsWith(prefix)) {
        stages.put(topic.substring(prefix.length()), topic);
      }
    }
    return stages;
  }

  private Set<String> existing() {
    try {
      return consumer.listTopics(ANSWER).keySet();
    } catch (KafkaException e) {
      throw new StackException(
          "the broker does not answer: %s; check 'kafka' in the pipeline file"
              .formatted(e.getMessage()),
          e);
    }
  }

  private void readTopic(String topic, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
    if (!existing().contains(topic)) {
      return;
    }
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    for (Map.Entry<TopicPartition, Long> end : consumer.endOffsets(partitions).entrySet()) {
      while (consumer.position(end.getKey()) < end.getValue()) {
        consumer.poll(POLL).forEach(reader);
      }
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}

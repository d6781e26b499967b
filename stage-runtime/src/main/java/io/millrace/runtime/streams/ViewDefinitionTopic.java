package io.millrace.runtime.streams;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.TopicAdmin;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The topic {@code <application id>-views}, which holds the definitions that a stage's state was
 * made from: one compacted record, JSON of SQL by view name.
 */
final class ViewDefinitionTopic {
  private static final byte[] KEY = "views".getBytes(UTF_8);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PipelineFile pipeline;
  private final String applicationId;
  private final String topic;

  ViewDefinitionTopic(PipelineFile pipeline, String applicationId) {
    this.pipeline = pipeline;
    this.applicationId = applicationId;
    this.topic = applicationId + "-views";
  }

  /**
   * Makes sure that the stage can go on with these views where it stopped.
   *
   * @throws IllegalStateException when it cannot, with the reason and what to do
   * @throws KafkaException when the broker does not answer
   */
  void check(TopicAdmin admin, ViewDefinitions current) {
    admin.ensureOffsets(topic);
    List<String> obstacles = read().map(current::obstacles).orElse(List.of());
    if (!obstacles.isEmpty()) {
      throw new IllegalStateException(
          String.join(", ", obstacles)
              + " since "
              + applicationId
              + " last ran; it would hold only what changes from now on. "
              + remedy(applicationId));
    }
  }

  /**
   * Records that the stage's state is made from these views from now on.
   *
   * @throws KafkaException when the broker does not answer
   */
  void record(ViewDefinitions current) {
    if (!read().equals(Optional.of(current))) {
      write(current);
    }
  }

  /** What to do when state and views do not fit. */
  static String remedy(String applicationId) {
    return "Either undo the change, or run the file under another pipeline name, or build this"
        + " stage's views again from the change topics: give each changed view a new name, stop the"
        + " service, delete consumer group "
        + applicationId
        + ", all topics and registry subjects that begin with '"
        + applicationId
        + "-' and the service's state directory, and start it";
  }

  private Optional<ViewDefinitions> read() {
    Properties settings = KafkaSettings.client(pipeline, applicationId + "-views-reader");
    TopicPartition partition = new TopicPartition(topic, 0);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition), PATIENCE).getOrDefault(partition, 0L);
      Optional<ViewDefinitions> found = Optional.empty();
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

  private ViewDefinitions decode(byte[] json) {
    try {
      return new ViewDefinitions(
          JSON.readValue(
              json, JSON.getTypeFactory().constructMapType(Map.class, String.class, String.class)));
    } catch (IOException e) {
      throw new IllegalStateException(
          "topic " + topic + " does not hold view definitions; delete it if another wrote to it",
          e);
    }
  }

  private void write(ViewDefinitions definitions) {
    Properties settings = KafkaSettings.client(pipeline, applicationId + "-views-writer");
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      byte[] json = JSON.writeValueAsBytes(definitions.sql());
      producer.send(new ProducerRecord<>(topic, 0, KEY, json)).get();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new KafkaException("could not write to topic " + topic, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted", e);
    }
  }
}

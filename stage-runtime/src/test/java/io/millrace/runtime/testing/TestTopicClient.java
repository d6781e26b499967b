package io.millrace.runtime.testing;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.serde.RowDecoder;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Writes records to a pipeline's topics and follows what its stages write to one. */
public final class TestTopicClient implements AutoCloseable {
  private final KafkaProducer<byte[], byte[]> producer;
  private final PipelineFile pipeline;
  private final RowDecoder decoder;
  private final List<Future<RecordMetadata>> sent = new ArrayList<>();
  private @Nullable Follower follower;

  /** A client on the pipeline's broker. */
  public TestTopicClient(PipelineFile pipeline, SchemaRegistry registry) {
    this.pipeline = pipeline;
    this.decoder = new RowDecoder(registry);
    Properties settings = KafkaSettings.client(pipeline, "test-writer");
    settings.put("linger.ms", "5");
    this.producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Sends a record; returns at once. */
  public void send(String topic, byte[] key, byte @Nullable [] value) {
    sent.add(producer.send(new ProducerRecord<>(topic, key, value)));
  }

  /**
   * Waits until all that was sent is written.
   *
   * @throws IllegalStateException when something was not
   */
  public void flush() {
    producer.flush();
    for (Future<RecordMetadata> record : sent) {
      try {
        record.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
    sent.clear();
  }

  /** What is left of a topic by now after compaction: rows without metadata, committed only. */
  public List<List<@Nullable Object>> rows(String topic) {
    Follower current = follower;
    if (current == null || !current.topic.equals(topic)) {
      if (current != null) {
        current.consumer.close();
      }
      current = new Follower(topic);
      follower = current;
    }
    return current.rows();
  }

  /** Reads one topic from its start. */
  private final class Follower {
    private final String topic;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<List<@Nullable Object>, Row> content = new HashMap<>();

    Follower(String topic) {
      this.topic = topic;
      Properties settings = KafkaSettings.client(pipeline, "test-reader");
      settings.put("isolation.level", "read_committed");
      this.consumer =
          new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
    }

    List<List<@Nullable Object>> rows() {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(300))) {
        List<@Nullable Object> key =
            Arrays.asList(Objects.requireNonNull(decoder.decode(record.key())).values());
        Row row = decoder.decode(record.value());
        if (row == null) {
          content.remove(key);
        } else {
          content.put(key, row);
        }
      }
      List<List<@Nullable Object>> rows = new ArrayList<>();
      for (Row row : content.values()) {
        rows.add(Arrays.asList(Arrays.copyOf(row.values(), row.values().length - 2)));
      }
      return rows;
    }
  }

  @Override
  public void close() {
    Follower current = follower;
    if (current != null) {
      current.consumer.close();
    }
    producer.close();
  }
}

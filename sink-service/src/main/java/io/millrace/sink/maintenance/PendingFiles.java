package io.millrace.sink.maintenance;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.DataFileDescriptor;
import io.millrace.sink.commit.CommitterTopology;
import io.millrace.sink.commit.DescriptorCodec;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Files that a table needs though its metadata does not say so yet: descriptors of committed
 * transactions name them, which the committer has not applied, however long it has been away.
 *
 * <p>What the committer's group has committed is in the tables. So a descriptor that was sent
 * before {@link #of} was called is in the table as it is after, or among these.
 *
 * @param pipeline whose lake-commits topic is read
 * @param registry has the schema of descriptors
 */
public record PendingFiles(PipelineFile pipeline, SchemaRegistry registry) {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final List<String> LOCATIONS = List.of("file-path", "referenced-data-file");
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * The files.
   *
   * @param table {@code namespace.name}
   * @return their locations
   * @throws KafkaException when the broker does not tell
   */
  public Set<String> of(String table) {
    Set<String> files = new HashSet<>();
    DescriptorCodec codec = new DescriptorCodec(registry, topic());
    Map<TopicPartition, Range> unread = unread();
    if (!unread.isEmpty()) {
      read(
          unread,
          record -> {
            if (table.equals(new String(record.key(), UTF_8))) {
              addFiles(codec.decode(record.value()), files);
            }
          });
    }
    return files;
  }

  private record Range(long start, long end) {}

  private interface Reader {
    void accept(ConsumerRecord<byte[], byte[]> record);
  }

  private String topic() {
    return pipeline.topicNames().lakeCommits();
  }

  private Properties client() {
    return KafkaSettings.client(pipeline, pipeline.topicNames().applicationId("sink-maintenance"));
  }

  /** First what was committed, then the ends: what is between may be applied by now. */
  private Map<TopicPartition, Range> unread() {
    try (Admin admin = Admin.create(client())) {
      TopicDescription described =
          Objects.requireNonNull(
              admin.describeTopics(List.of(topic())).allTopicNames().get().get(topic()));
      List<TopicPartition> partitions =
          described.partitions().stream()
              .map(partition -> new TopicPartition(topic(), partition.partition()))
              .toList();
      Map<TopicPartition, OffsetAndMetadata> committed =
          admin
              .listConsumerGroupOffsets(
                  pipeline.topicNames().applicationId(CommitterTopology.APPLICATION))
              .partitionsToOffsetAndMetadata()
              .get();
      Map<TopicPartition, Long> starts = offsets(admin, partitions, OffsetSpec.earliest());
      Map<TopicPartition, Long> ends = offsets(admin, partitions, OffsetSpec.latest());
      Map<TopicPartition, Range> unread = new HashMap<>();
      for (TopicPartition partition : partitions) {
        OffsetAndMetadata offset = committed.get(partition);
        long first = Objects.requireNonNull(starts.get(partition));
        long start = offset == null ? first : Math.max(first, offset.offset());
        long end = Objects.requireNonNull(ends.get(partition));
        if (start < end) {
          unread.put(partition, new Range(start, end));
        }
      }
      return unread;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return Map.of(); // no writer ever ran
      }
      throw new KafkaException("could not ask how far " + topic() + " is applied", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while asking how far " + topic() + " is applied", e);
    }
  }

  private static Map<TopicPartition, Long> offsets(
      Admin admin, List<TopicPartition> partitions, OffsetSpec which)
      throws ExecutionException, InterruptedException {
    return admin
        .listOffsets(
            partitions.stream().collect(Collectors.toMap(any -> any, any -> which)),
            new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
        .all()
        .get()
        .entrySet()
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().offset()));
  }

  private void read(Map<TopicPartition, Range> ranges, Reader reader) {
    Properties settings = client();
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(ranges.keySet());
      ranges.forEach((partition, range) -> consumer.seek(partition, range.start()));
      while (ranges.entrySet().stream()
          .anyMatch(range -> consumer.position(range.getKey()) < range.getValue().end())) {
        consumer.poll(POLL).forEach(reader::accept);
        if (System.nanoTime() - deadline > 0) {
          throw new KafkaException(
              "reading %s up to %s took longer than %s".formatted(topic(), ranges, PATIENCE));
        }
      }
    }
  }

  /** Also those that go with a descriptor: to delete rows of them by key they must be read. */
  private static void addFiles(DataFileDescriptor descriptor, Set<String> files) {
    Stream.of(
            descriptor.dataFiles(),
            descriptor.deleteFiles(),
            descriptor.deletionVectors(),
            descriptor.deadFiles())
        .flatMap(List::stream)
        .forEach(json -> addLocations(json, files));
  }

  private static void addLocations(String json, Set<String> files) {
    try {
      JsonNode file = JSON.readTree(json);
      for (String field : LOCATIONS) {
        if (file.has(field)) {
          files.add(file.get(field).asText());
        }
      }
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a descriptor's file is not JSON", e);
    }
  }
}

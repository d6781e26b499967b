package io.millrace.cdc;

import static org.awaitility.Awaitility.await;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.serde.RowDecoder;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Reads what a pipeline committed to a topic, from the start. */
public final class Reader implements AutoCloseable {
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final RowDecoder decoder;
  private final List<ConsumerRecord<byte[], byte[]>> seen = new ArrayList<>();

  public Reader(PipelineFile file, SchemaRegistry registry, String topic) {
    Properties properties = KafkaSettings.client(file, "reader");
    properties.put("isolation.level", "read_committed");
    properties.put("auto.offset.reset", "earliest");
    consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    decoder = new RowDecoder(registry);
  }

  /** A change, decoded. */
  public record Change(Row key, @Nullable Row value) {
    public Row envelope() {
      return Objects.requireNonNull(value);
    }

    public String op() {
      return String.valueOf(envelope().get(ChangeEvent.OP));
    }

    public Row before() {
      return (Row) Objects.requireNonNull(envelope().get(ChangeEvent.BEFORE));
    }

    public Row after() {
      return (Row) Objects.requireNonNull(envelope().get(ChangeEvent.AFTER));
    }

    public String position() {
      return String.valueOf(envelope().get(ChangeEvent.SOURCE_POS));
    }

    public boolean isTombstone() {
      return value == null;
    }
  }

  /** All records of the topic, when it has at least {@code count}. */
  public List<ConsumerRecord<byte[], byte[]>> records(int count) {
    await()
        .atMost(Duration.ofMinutes(3))
        .until(
            () -> {
              consumer.poll(Duration.ofMillis(200)).forEach(seen::add);
              return seen.size() >= count;
            });
    consumer.poll(Duration.ofMillis(300)).forEach(seen::add);
    return seen;
  }

  /** All changes of the topic, tombstones too, when it has at least {@code count}. */
  public List<Change> changes(int count) {
    return records(count).stream().map(this::change).toList();
  }

  /** All changes of the topic, tombstones too, once {@code last} is among them. */
  public List<Change> changesUntil(Predicate<Change> last) {
    await()
        .atMost(Duration.ofMinutes(3))
        .until(
            () -> {
              int before = seen.size();
              consumer.poll(Duration.ofMillis(200)).forEach(seen::add);
              return seen.subList(before, seen.size()).stream().map(this::change).anyMatch(last);
            });
    drain();
    return seen.stream().map(this::change).toList();
  }

  /**
   * The rows that are alive now, by what is there to read.
   *
   * @param columns which to give of each row, joined by {@code |}; a null, or a column that the row
   *     does not have, is empty
   */
  public List<String> rows(String... columns) {
    drain();
    Map<Row, Row> alive = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : seen) {
      Change change = change(record);
      if (change.isTombstone() || change.op().equals("d")) {
        alive.remove(change.key());
      } else {
        alive.put(change.key(), change.after());
      }
    }
    return alive.values().stream()
        .map(
            row ->
                Arrays.stream(columns)
                    .map(row.getSchema()::getField)
                    .map(field -> field == null ? null : row.get(field.pos()))
                    .map(value -> value == null ? "" : value.toString())
                    .collect(Collectors.joining("|")))
        .sorted()
        .toList();
  }

  /** Reads what is there. */
  private void drain() {
    consumer
        .endOffsets(consumer.assignment())
        .forEach(
            (partition, end) -> {
              while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(seen::add);
              }
            });
  }

  private Change change(ConsumerRecord<byte[], byte[]> record) {
    return new Change(
        Objects.requireNonNull(decoder.decode(record.key())), decoder.decode(record.value()));
  }

  @Override
  public void close() {
    consumer.close();
  }
}

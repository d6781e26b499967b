package io.millrace.sink.writer;

import io.millrace.pipeline.Lake;
import io.millrace.pipeline.LakeTable;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.sink.SinkMetrics;
import io.millrace.sink.commit.TopicIds;
import io.millrace.sink.lake.LakeCatalog;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Reads every topic that feeds the lake: for each, one source and one processor, and if a table of
 * it has deletion vectors, the index of its keys.
 *
 * @param stage the sink's name, by which records are replayed for it
 * @param tables the lake tables; all members of the group must have their topics in one order, by
 *     which tasks are numbered
 * @param partitions of each topic
 * @param registry has the schemas of keys and values
 * @param catalog where the tables are
 * @param lake how they are kept
 * @param writer ends epochs
 * @param offsets what the group committed last
 * @param topicIds ids of the topics
 * @param buffered heap that rows may take until the next commit
 * @param metrics counts records
 * @param fatal told when a table cannot take what its topic brings
 */
public record WriterTopology(
    String stage,
    List<LakeTable> tables,
    int partitions,
    SchemaRegistry registry,
    LakeCatalog catalog,
    Lake lake,
    LakeWriter writer,
    CommittedOffsets offsets,
    TopicIds topicIds,
    BufferLimit buffered,
    SinkMetrics metrics,
    Consumer<String> fatal) {

  /** Named after its topics, so that a person finds them in the lag of the group. */
  public Topology topology() {
    Topology topology = new Topology();
    byTopic()
        .forEach(
            (topic, fed) -> {
              String source = "read-" + topic;
              topology.addSource(
                  source, new ByteArrayDeserializer(), new ByteArrayDeserializer(), topic);
              String write = "write-" + topic;
              topology.addProcessor(write, () -> processor(topic, fed), source);
              topology.addProcessor("end-" + topic, End::new, write);
              if (fed.stream().anyMatch(WriterTopology::isIndexed)) {
                topology.addStateStore(index(topic), write);
              }
            });
    return topology;
  }

  /** How many topics have a key index. */
  public int indexes() {
    return Math.toIntExact(
        tables.stream().filter(WriterTopology::isIndexed).map(LakeTable::topic).distinct().count());
  }

  /** Whether rows of a table are deleted by their places, which an index knows. */
  static boolean isIndexed(LakeTable table) {
    return table.isUpserted() && table.formatVersion() >= 3;
  }

  /** Name of the state store that holds the key index of a topic. */
  static String keys(String topic) {
    return "keys-of-" + topic;
  }

  /** Without a cache: it is written to when its task commits, after a cache would be flushed. */
  private static StoreBuilder<KeyValueStore<Bytes, byte[]>> index(String topic) {
    return Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(keys(topic)), Serdes.Bytes(), Serdes.ByteArray())
        .withCachingDisabled()
        .withLoggingEnabled(Map.of());
  }

  private Map<String, List<LakeTable>> byTopic() {
    return tables.stream()
        .collect(Collectors.groupingBy(LakeTable::topic, LinkedHashMap::new, Collectors.toList()));
  }

  private Processor<byte[], byte[], Void, Void> processor(String topic, List<LakeTable> fed) {
    return new TopicProcessor(this, topic, fed);
  }

  /**
   * Gets nothing. It is there because Kafka Streams measures the latency of every record at nodes
   * without a child, which no setting turns off: a twentieth of the writer's time.
   */
  private static final class End implements Processor<Void, Void, Void, Void> {
    @Override
    public void process(Record<Void, Void> none) {
      throw new IllegalStateException("nothing is forwarded");
    }
  }
}

package io.millrace.sink.writer;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.Maintenance;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.DataFileDescriptor;
import io.millrace.sink.SinkMetrics;
import io.millrace.sink.lake.LakeCatalog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/** Plays the writer of one source partition without Kafka: the caller says when epochs end. */
public final class Epochs {
  /** The id that the source topic has. */
  public static final String TOPIC_ID = "source-id";

  private List<LakeTable> tables;
  private LakeCatalog catalog;
  private final SchemaRegistry registry;
  private final ChangeDecoder decoder;
  private final TopicPartition partition;
  private final Map<Bytes, byte[]> index = new HashMap<>();
  private final Map<Long, Map<Bytes, byte[]>> committedIndexes = new HashMap<>();
  private SourcePartition writing;
  private long offset;

  /** A partition that begins. */
  public Epochs(
      List<LakeTable> tables, LakeCatalog catalog, SchemaRegistry registry, int partition) {
    this.tables = tables;
    this.catalog = catalog;
    this.registry = registry;
    this.partition = new TopicPartition(tables.getFirst().topic(), partition);
    this.decoder = ChangeDecoder.of(tables, registry);
    this.writing = open(DataFileDescriptor.BEGINNING);
  }

  private SourcePartition open(long start) {
    List<TableWriter> writers = tables.stream().map(table -> writer(table, start)).toList();
    return new SourcePartition(
        partition, TOPIC_ID, start, writers, new BufferLimit(Long.MAX_VALUE));
  }

  private TableWriter writer(LakeTable table, long start) {
    Target target = new Target(table, catalog);
    return switch (table.content()) {
      case CHANGES, APPENDED -> new AppendWriter(target, partition.partition());
      case MIRROR, VIEW -> new UpsertWriter(target, partition.partition(), indexed(table, start));
    };
  }

  /** Takes the next record. */
  public void record(byte @Nullable [] key, byte @Nullable [] value) {
    Change change = decoder.decode(key, value);
    if (change != null) {
      writing.write(change);
    }
    offset++;
  }

  /** Ends the epoch. */
  public List<DataFileDescriptor> end() {
    List<DataFileDescriptor> descriptors = writing.finish(offset);
    writing.committed(offset);
    committedIndexes.put(offset, Map.copyOf(index));
    return descriptors;
  }

  /** Gives up the epoch; what was read since the last must come again. */
  public void crash() {
    writing.abandon();
  }

  /** Another process takes over where the last epoch ended. */
  public void restart(long committed) {
    offset = committed;
    index.clear();
    index.putAll(committedIndexes.getOrDefault(committed, Map.of()));
    writing = open(committed == 0 ? DataFileDescriptor.BEGINNING : committed);
  }

  /** Another process takes over where the last epoch ended, and the key index is gone. */
  public void restartWithoutIndex() {
    committedIndexes.clear();
    restart(offset);
  }

  /** Likewise, with another file: of the same tables, kept otherwise. */
  public void restartAs(List<LakeTable> otherwise, LakeCatalog anew) {
    tables = otherwise;
    catalog = anew;
    restart(offset);
  }

  /** The next offset. */
  public long offset() {
    return offset;
  }

  private VectoredUpserts.Indexed indexed(LakeTable table, long start) {
    return indexed(table, catalog, index, new IndexRebuild(registry, partition, 1, start));
  }

  /** The index of a partition, the only one of its topic. */
  static VectoredUpserts.Indexed indexed(
      LakeTable table, LakeCatalog catalog, Map<Bytes, byte[]> index, IndexRebuild rebuild) {
    return new VectoredUpserts.Indexed(
        new KeyIndex(new InMemory(index)),
        rebuild,
        new IndexedCompaction(
            table,
            rebuild.partition().partition(),
            catalog,
            Maintenance.DEFAULT,
            new SinkMetrics(new SimpleMeterRegistry())));
  }

  private record InMemory(Map<Bytes, byte[]> map) implements KeyIndex.Store {
    @Override
    public byte @Nullable [] get(Bytes key) {
      return map.get(key);
    }

    @Override
    public void put(Bytes key, byte @Nullable [] value) {
      if (value == null) {
        map.remove(key);
      } else {
        map.put(key, value);
      }
    }

    @Override
    public void range(Bytes from, Bytes to, BiConsumer<Bytes, byte[]> visitor) {
      new TreeMap<>(map).subMap(from, true, to, true).forEach(visitor);
    }
  }
}

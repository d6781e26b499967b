package io.millrace.sink.writer;

import io.millrace.pipeline.LakeTable;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.DataFileDescriptor;
import io.millrace.sink.lake.LakeCatalog;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Plays the writer of one source partition without Kafka: the caller says when epochs end. */
public final class Epochs {
  /** The id that the source topic has. */
  public static final String TOPIC_ID = "source-id";

  private final List<LakeTable> tables;
  private final LakeCatalog catalog;
  private final ChangeDecoder decoder;
  private final TopicPartition partition;
  private SourcePartition writing;
  private long offset;

  /** A partition that begins. */
  public Epochs(
      List<LakeTable> tables, LakeCatalog catalog, SchemaRegistry registry, int partition) {
    this.tables = tables;
    this.catalog = catalog;
    this.partition = new TopicPartition(tables.getFirst().topic(), partition);
    this.decoder = ChangeDecoder.of(tables, registry);
    this.writing = open(DataFileDescriptor.BEGINNING);
  }

  private SourcePartition open(long start) {
    List<TableWriter> writers = tables.stream().map(this::writer).toList();
    return new SourcePartition(
        partition, TOPIC_ID, start, writers, new BufferLimit(Long.MAX_VALUE));
  }

  private TableWriter writer(LakeTable table) {
    Target target = new Target(table, catalog);
    return switch (table.content()) {
      case CHANGES, APPENDED -> new AppendWriter(target, partition.partition());
      case MIRROR, VIEW -> new UpsertWriter(target, partition.partition());
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
    return descriptors;
  }

  /** Gives up the epoch; what was read since the last must come again. */
  public void crash() {
    writing.abandon();
  }

  /** Another process takes over where the last epoch ended. */
  public void restart(long committed) {
    offset = committed;
    writing = open(committed == 0 ? DataFileDescriptor.BEGINNING : committed);
  }

  /** The next offset. */
  public long offset() {
    return offset;
  }
}

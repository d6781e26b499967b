package io.millrace.sink.writer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.millrace.pipeline.LakeTable;
import io.millrace.runtime.streams.PoisonRecordException;
import io.millrace.schemas.DeadLetter;
import io.millrace.sink.commit.ProtocolViolationException;
import io.millrace.sink.lake.IncompatibleTableException;
import io.millrace.sink.writer.VectoredUpserts.Indexed;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** Writes one partition of one topic to the lake tables that the topic feeds. */
final class TopicProcessor implements Processor<byte[], byte[], Void, Void> {
  private static final int MEASURE_EVERY = 64;

  private final WriterTopology parts;
  private final String topic;
  private final List<LakeTable> tables;
  private final ChangeDecoder decoder;
  private final Counter recordsIn;
  private final Timer latency;
  private @Nullable ProcessorContext<Void, Void> context;
  private @Nullable SourcePartition writing;
  private @Nullable TopicPartition partition;
  private int sinceMeasured;

  TopicProcessor(WriterTopology parts, String topic, List<LakeTable> tables) {
    this.parts = parts;
    this.topic = topic;
    this.tables = tables;
    this.decoder = ChangeDecoder.of(tables, parts.registry());
    this.recordsIn = parts.metrics().recordsIn(topic);
    this.latency = parts.metrics().latency(topic);
  }

  @Override
  public void init(ProcessorContext<Void, Void> initial) {
    TopicPartition assigned = new TopicPartition(topic, initial.taskId().partition());
    context = initial;
    partition = assigned;
    long start = parts.offsets().of(assigned);
    IndexRebuild rebuild = new IndexRebuild(parts.registry(), assigned, parts.partitions(), start);
    writing =
        new SourcePartition(
            assigned,
            parts.topicIds().of(topic),
            start,
            tables.stream().map(table -> writer(table, rebuild, initial)).toList(),
            parts.buffered());
    parts.writer().open(assigned, writing);
  }

  private TableWriter writer(
      LakeTable table, IndexRebuild rebuild, ProcessorContext<Void, Void> task) {
    int sourcePartition = rebuild.partition().partition();
    Target target = new Target(table, parts.catalog());
    return switch (table.content()) {
      case CHANGES, APPENDED -> new AppendWriter(target, sourcePartition);
      case MIRROR, VIEW ->
          new UpsertWriter(
              target,
              sourcePartition,
              WriterTopology.isIndexed(table) ? indexed(table, rebuild, task) : null);
    };
  }

  private Indexed indexed(
      LakeTable table, IndexRebuild rebuild, ProcessorContext<Void, Void> task) {
    IndexedCompaction compaction =
        new IndexedCompaction(
            table,
            rebuild.partition().partition(),
            parts.catalog(),
            parts.lake().maintenance(table),
            parts.metrics());
    return new Indexed(index(task), rebuild, compaction);
  }

  private KeyIndex index(ProcessorContext<Void, Void> task) {
    KeyValueStore<Bytes, byte[]> store = task.getStateStore(WriterTopology.keys(topic));
    return new KeyIndex(
        new KeyIndex.Store() {
          @Override
          public byte @Nullable [] get(Bytes key) {
            return store.get(key);
          }

          @Override
          public void put(Bytes key, byte @Nullable [] value) {
            store.put(key, value);
          }

          @Override
          public void range(Bytes from, Bytes to, BiConsumer<Bytes, byte[]> visitor) {
            try (KeyValueIterator<Bytes, byte[]> entries = store.range(from, to)) {
              entries.forEachRemaining(entry -> visitor.accept(entry.key, entry.value));
            }
          }
        });
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    SourcePartition current = Objects.requireNonNull(writing);
    ProcessorContext<Void, Void> task = Objects.requireNonNull(context);
    long offset = task.recordMetadata().map(RecordMetadata::offset).orElseThrow();
    try {
      Change change = decoder.decode(record.key(), record.value());
      boolean full = write(current, offset, withOrigin(change, record));
      recordsIn.increment();
      if (full) {
        task.commit();
      }
    } catch (SerializationException e) {
      if (!PoisonRecordException.isToBlame(e)) {
        throw e;
      }
      takeOut(current, offset, record.key());
      String column = e instanceof UnfitValueException unfit ? unfit.column() : null;
      throw new PoisonRecordException(null, column, e);
    }
  }

  private @Nullable Change withOrigin(@Nullable Change change, Record<byte[], byte[]> record) {
    Header stages = record.headers().lastHeader(DeadLetter.REPLAY_FOR);
    if (stages == null || change == null) {
      return change;
    }
    List<String> names = List.of(new String(stages.value(), UTF_8).split(",", -1));
    return change.replayed(
        names.contains(parts.stage()) ? Change.Origin.REPLAYED : Change.Origin.REPLAYED_FOR_OTHERS);
  }

  /** The row that a poison record replaced is outdated: its tables go on without it. */
  private void takeOut(SourcePartition current, long offset, byte[] key) {
    Change gone = decoder.withoutRow(key);
    try {
      write(current, offset, gone);
    } catch (UnfitValueException e) {
      // No row of the lake can have this key.
    }
  }

  /** Whatever fails but a record must end the thread, for a file may be half written. */
  private boolean write(SourcePartition current, long offset, @Nullable Change change) {
    try {
      current.requireAfterStart(offset);
      if (change == null) {
        return false;
      }
      measure(change);
      return current.write(change);
    } catch (SerializationException e) {
      throw e;
    } catch (IncompatibleTableException | ProtocolViolationException e) {
      parts.fatal().accept(e.getMessage());
      throw new KafkaException(e.getMessage(), e);
    } catch (RuntimeException e) {
      throw new KafkaException("could not write " + partition + ": " + e.getMessage(), e);
    }
  }

  private void measure(Change change) {
    if (!change.isSnapshot() && change.sourceTs() != Change.UNKNOWN && sinceMeasured++ == 0) {
      long age = System.currentTimeMillis() - change.sourceTs() / 1000;
      latency.record(Duration.ofMillis(Math.max(0, age)));
    }
    sinceMeasured %= MEASURE_EVERY;
  }

  @Override
  public void close() {
    if (partition != null && writing != null) {
      parts.writer().close(partition, writing);
    }
  }
}

package io.millrace.sink.writer;

import io.millrace.runtime.serde.RowSerde;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.Row;
import io.millrace.schemas.Topics;
import io.millrace.sink.commit.DeletionVectors;
import io.millrace.sink.commit.TableProgress;
import io.millrace.sink.writer.KeyIndex.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.parquet.InternalReader;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Types;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out anew where the rows of a source partition stand, by reading the keys that the table
 * has: when the index was lost.
 *
 * @param registry has the schemas of keys
 * @param partition the source partition
 * @param partitions of its topic
 * @param start the offset up to which the table must hold the partition
 */
record IndexRebuild(SchemaRegistry registry, TopicPartition partition, int partitions, long start) {
  private static final Logger LOG = LoggerFactory.getLogger(IndexRebuild.class);

  /** The committer has what was committed before within an interval, unless it is down. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Duration POLL = Duration.ofMillis(100);

  /**
   * Fills an empty index.
   *
   * @param keySchema of the topic's keys
   */
  void run(Table table, KeyIndex index, Schema keySchema) {
    awaitProgress(table);
    RowSerde serde = new RowSerde(registry, Topics.keySubject(partition.topic()), keySchema);
    List<Types.NestedField> columns =
        keySchema.getFields().stream()
            .map(field -> Objects.requireNonNull(table.schema().findField(field.name())))
            .toList();
    Keys keys = new Keys(keySchema, columns, serde);
    long rows = 0;
    try (CloseableIterable<FileScanTask> files = table.newScan().planFiles()) {
      for (FileScanTask file : files) {
        rows += read(table, file, keys, index);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    LOG.info("Built the key index of {} anew from {}: {} rows", partition, table.name(), rows);
  }

  /** Rows that descriptors in flight add or delete must be in the table before it is read. */
  private void awaitProgress(Table table) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      table.refresh();
      TableProgress progress =
          TableProgress.of(((HasTableOperations) table).operations().current());
      TableProgress.SourceProgress source = progress.sources().get(partition.toString());
      if (source != null && source.offset() >= start) {
        return;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new KafkaException(
            ("the key index of %s is lost, and cannot be built from %s yet: the table holds the"
                    + " partition up to %s, not %d")
                .formatted(
                    partition,
                    table.name(),
                    source == null ? "nothing" : String.valueOf(source.offset()),
                    start));
      }
      try {
        Thread.sleep(POLL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new KafkaException("interrupted", e);
      }
    }
  }

  private long read(Table table, FileScanTask task, Keys keys, KeyIndex index) throws IOException {
    @Nullable PositionDeleteIndex deleted = DeletionVectors.read(table.io(), task.deletes());
    int number = index.nextFile();
    int position = 0;
    int mine = 0;
    boolean hasOthers = false;
    try (CloseableIterable<StructLike> rows = keys.in(table, task)) {
      for (StructLike row : rows) {
        int here = position++;
        if (deleted != null && deleted.isDeleted(here)) {
          continue;
        }
        byte[] key = keys.encode(row);
        if (Utils.toPositive(Utils.murmur2(key)) % partitions == partition.partition()) {
          index.put(KeyIndex.identity(key), new Place(number, here));
          mine++;
        } else {
          hasOthers = true;
        }
      }
    }
    if (mine > 0) {
      index.add(number, task.file(), task.spec());
      index.setRowsLeft(number, hasOthers ? KeyIndex.SHARED : mine);
    }
    return mine;
  }

  /** The keys in data files, as the records of the topic have them. */
  private record Keys(Schema schema, List<Types.NestedField> columns, RowSerde serde) {
    CloseableIterable<StructLike> in(Table table, FileScanTask task) {
      org.apache.iceberg.Schema wanted = new org.apache.iceberg.Schema(columns);
      return Parquet.read(table.io().newInputFile(task.file().location()))
          .project(wanted)
          .createReaderFunc(file -> InternalReader.create(wanted, file))
          .build();
    }

    byte[] encode(StructLike row) {
      Row key = new Row(schema);
      for (int i = 0; i < columns.size(); i++) {
        key.put(i, value(row.get(i, Object.class), schema.getFields().get(i).schema()));
      }
      return serde.serializer().serialize("", key);
    }

    /** The table may have widened what the key's schema still calls an int. */
    private static @Nullable Object value(@Nullable Object value, Schema type) {
      return value instanceof Long wide && isInt(type) ? Integer.valueOf(wide.intValue()) : value;
    }

    private static boolean isInt(Schema type) {
      return type.getType() == Schema.Type.INT
          || (type.isUnion() && type.getTypes().stream().anyMatch(Keys::isInt));
    }
  }
}

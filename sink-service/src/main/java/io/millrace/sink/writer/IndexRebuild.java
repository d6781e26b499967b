package io.millrace.sink.writer;

import io.millrace.runtime.serde.RowSerde;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.Topics;
import io.millrace.sink.commit.TableProgress;
import io.millrace.sink.writer.KeyIndex.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.apache.avro.Schema;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
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
    TableKeys keys = keys(table, keySchema);
    long rows = 0;
    try (CloseableIterable<FileScanTask> files = table.newScan().planFiles()) {
      for (FileScanTask file : files) {
        rows += read(file, keys, index);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    LOG.info("Built the key index of {} anew from {}: {} rows", partition, table.name(), rows);
  }

  /** Reads keys of the table as the topic has them. */
  TableKeys keys(Table table, Schema keySchema) {
    return new TableKeys(
        table, keySchema, new RowSerde(registry, Topics.keySubject(partition.topic()), keySchema));
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

  private long read(FileScanTask task, TableKeys keys, KeyIndex index) throws IOException {
    TableKeys.Deleted deleted = keys.deleted(task.deletes());
    int number = index.nextFile();
    int position = 0;
    int mine = 0;
    boolean hasOthers = false;
    try (CloseableIterable<byte[]> rows = keys.in(task.file().location())) {
      for (byte[] key : rows) {
        int here = position++;
        if (deleted.isDeleted(here, key)) {
          continue;
        }
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
}

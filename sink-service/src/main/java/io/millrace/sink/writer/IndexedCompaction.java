package io.millrace.sink.writer;

import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.Maintenance;
import io.millrace.sink.SinkMetrics;
import io.millrace.sink.commit.ProtocolViolationException;
import io.millrace.sink.lake.DataFileRows;
import io.millrace.sink.lake.LakeCatalog;
import io.millrace.sink.lake.ParquetFiles;
import io.millrace.sink.lake.Partitions;
import io.millrace.sink.lake.RowSorter;
import io.millrace.sink.lake.SizeTiers;
import io.millrace.sink.writer.KeyIndex.Indexed;
import io.millrace.sink.writer.KeyIndex.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;
import org.apache.kafka.common.utils.Bytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes small data files of a source partition one, at the end of an epoch and as part of it. To
 * the index and to the table it is as if each of their rows were updated to what it is: the new
 * file comes, the old ones are dead, in one descriptor.
 *
 * <p>The rows that count are those whose places the index has. Belongs to one task and its thread.
 */
final class IndexedCompaction {
  private static final Logger LOG = LoggerFactory.getLogger(IndexedCompaction.class);

  /** What an epoch may move, as records wait meanwhile. */
  private static final long MOST_BYTES = 64L << 20;

  private static final long MOST_ROWS = 250_000;

  private final LakeTable name;
  private final int sourcePartition;
  private final LakeCatalog catalog;
  private final Maintenance policy;
  private final SinkMetrics metrics;
  private final long most;
  private int lookedAt = Integer.MIN_VALUE / 2;
  private boolean hasMore;

  /** Of the files that a source partition has in a table. */
  IndexedCompaction(
      LakeTable name,
      int sourcePartition,
      LakeCatalog catalog,
      Maintenance policy,
      SinkMetrics metrics) {
    this.name = name;
    this.sourcePartition = sourcePartition;
    this.catalog = catalog;
    this.policy = policy;
    this.metrics = metrics;
    this.most = Math.min(MOST_BYTES, policy.targetFileSize());
  }

  /** The epoch that it is a part of. */
  interface Epoch {
    /** Reads the keys of a table's rows. */
    TableKeys keys(Table table);

    /** How many rows of a data file are deleted so far. */
    int deleted(int file);

    /** The row at a place is deleted. */
    void delete(Place place);

    /** A data file was written, all of whose rows are indexed. */
    void moved(int number, DataFile file, Table table);
  }

  /** A row of a data file that counts. */
  private record Row(Bytes key, int position) {}

  /**
   * A data file that was looked through.
   *
   * @param rows that count, in their order
   * @param foreign rows that count for the index, and that another writer deleted
   */
  private record Source(Indexed file, List<Row> rows, List<Row> foreign) {}

  /**
   * Compacts some files, if there are new ones.
   *
   * @param before files with a lower number were written by earlier epochs
   */
  void run(KeyIndex index, int before, Epoch epoch) {
    if (!policy.enabled() || (!hasMore && before - lookedAt < SizeTiers.GROWTH)) {
      return;
    }
    lookedAt = before;
    hasMore = false;
    Table table = catalog.load(name);
    List<Indexed> files =
        index.files(table.specs()).stream().filter(file -> file.number() < before).toList();
    if (groups(table, files).isEmpty()) {
      return;
    }
    // Only now, for it reads manifests. What is not there is on its way, or others moved it.
    Map<String, List<DeleteFile>> deletes = deletes(table);
    files = files.stream().filter(file -> deletes.containsKey(file.file().location())).toList();
    long left = most;
    for (List<Indexed> group : groups(table, files)) {
      left -= group.stream().mapToLong(this::weight).sum();
      if (left < 0) {
        hasMore = true;
        return;
      }
      try {
        compact(group, deletes, index, table, epoch);
      } catch (ProtocolViolationException e) {
        LOG.warn("Files of lake table {} are not compacted: {}", name.identifier(), e.getMessage());
      }
    }
  }

  /** Those of a partition that are alike, and those that have lost most of their rows. */
  private List<List<Indexed>> groups(Table table, List<Indexed> files) {
    List<List<Indexed>> groups = new ArrayList<>();
    for (List<Indexed> all : Partitions.group(files, Indexed::file, table)) {
      List<List<Indexed>> alike = SizeTiers.groups(all, this::weight, most);
      Set<Integer> grouped = new HashSet<>();
      alike.forEach(group -> group.forEach(file -> grouped.add(file.number())));
      groups.addAll(alike);
      all.stream()
          .filter(file -> !grouped.contains(file.number()))
          .filter(file -> 2L * file.rowsLeft() <= file.file().recordCount())
          .filter(file -> weight(file) <= most)
          .forEach(file -> groups.add(List.of(file)));
    }
    groups.sort(Comparator.comparingLong(group -> group.stream().mapToLong(this::weight).sum()));
    return groups;
  }

  /** What a file costs to move, in bytes: of rows that count, and not too many of these. */
  private long weight(Indexed file) {
    double share = (double) file.rowsLeft() / file.file().recordCount();
    return (long)
        Math.max(
            file.file().fileSizeInBytes() * share, (double) most * file.rowsLeft() / MOST_ROWS);
  }

  /** What deletes rows of each data file that the table has, by their locations. */
  private static Map<String, List<DeleteFile>> deletes(Table table) {
    Map<String, List<DeleteFile>> deletes = new HashMap<>();
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      tasks.forEach(task -> deletes.put(task.file().location(), task.deletes()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the files of " + table.name(), e);
    }
    return deletes;
  }

  private void compact(
      List<Indexed> group,
      Map<String, List<DeleteFile>> deletes,
      KeyIndex index,
      Table table,
      Epoch epoch) {
    TableKeys keys = epoch.keys(table);
    List<Source> sources = new ArrayList<>();
    for (Indexed file : group) {
      Source source = read(file, deletes, index, keys);
      int counted = source.rows().size() + source.foreign().size();
      if (counted != file.rowsLeft() - epoch.deleted(file.number())) {
        LOG.warn(
            "Data file {} of lake table {} is not compacted: the index has other rows of it",
            file.file().location(),
            name.identifier());
        return;
      }
      sources.add(source);
    }
    for (Source source : sources) {
      source.foreign().forEach(row -> index.remove(row.key()));
      Stream.of(source.foreign(), source.rows())
          .flatMap(List::stream)
          .forEach(row -> epoch.delete(new Place(source.file().number(), row.position())));
    }
    if (sources.stream().anyMatch(source -> !source.rows().isEmpty())) {
      move(sources, keys, index, table, epoch);
    }
    metrics.compacted(
        name.identifier(),
        group.size(),
        group.stream().mapToLong(file -> file.file().fileSizeInBytes()).sum());
  }

  private static Source read(
      Indexed file, Map<String, List<DeleteFile>> deletes, KeyIndex index, TableKeys keys) {
    String location = file.file().location();
    TableKeys.Deleted deleted = keys.deleted(Objects.requireNonNull(deletes.get(location)));
    Source source = new Source(file, new ArrayList<>(), new ArrayList<>());
    int position = 0;
    try (CloseableIterable<byte[]> all = keys.in(location)) {
      for (byte[] bytes : all) {
        Row row = new Row(KeyIndex.identity(bytes), position);
        if (new Place(file.number(), position).equals(index.place(row.key()))) {
          (deleted.isDeleted(position, bytes) ? source.foreign() : source.rows()).add(row);
        }
        position++;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + location, e);
    }
    return source;
  }

  /** One file of the rows that count, in the table's sort order or else in theirs. */
  private void move(
      List<Source> sources, TableKeys keys, KeyIndex index, Table table, Epoch epoch) {
    DataFile first = sources.getFirst().file().file();
    int number = index.nextFile();
    DataWriter<StructLike> writer =
        new ParquetFiles(table, sourcePartition)
            .data(Partitions.specOf(first, table), first.partition(), table.sortOrder());
    try (writer) {
      if (table.sortOrder().isSorted()) {
        sort(sources, keys, index, number, table, writer);
      } else {
        append(sources, index, number, table, writer);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot compact files of " + table.name(), e);
    }
    epoch.moved(number, writer.toDataFile(), table);
  }

  private static void append(
      List<Source> sources, KeyIndex index, int number, Table table, DataWriter<StructLike> writer)
      throws IOException {
    int next = 0;
    for (Source source : sources) {
      copy(source, table, writer::write);
      for (Row row : source.rows()) {
        index.put(row.key(), new Place(number, next++));
      }
    }
  }

  private static void sort(
      List<Source> sources,
      TableKeys keys,
      KeyIndex index,
      int number,
      Table table,
      DataWriter<StructLike> writer)
      throws IOException {
    int next = 0;
    try (RowSorter sorter = new RowSorter(table.schema(), table.sortOrder())) {
      for (Source source : sources) {
        copy(source, table, sorter::add);
      }
      try (CloseableIterable<StructLike> sorted = sorter.sorted()) {
        for (StructLike row : sorted) {
          writer.write(row);
          index.put(KeyIndex.identity(keys.of(row)), new Place(number, next++));
        }
      }
    }
  }

  private static void copy(Source source, Table table, Consumer<StructLike> target)
      throws IOException {
    Iterator<Row> wanted = source.rows().iterator();
    int next = wanted.hasNext() ? wanted.next().position() : -1;
    int position = 0;
    try (CloseableIterable<StructLike> rows =
        DataFileRows.read(table.io(), source.file().file().location(), table.schema())) {
      for (StructLike row : rows) {
        if (position++ == next) {
          target.accept(row);
          next = wanted.hasNext() ? wanted.next().position() : -1;
        }
      }
    }
  }
}

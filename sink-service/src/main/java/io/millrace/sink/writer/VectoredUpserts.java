package io.millrace.sink.writer;

import io.millrace.sink.lake.Partitions;
import io.millrace.sink.writer.KeyIndex.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.iceberg.ContentFileParser;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.deletes.BaseDVFileWriter;
import org.apache.iceberg.deletes.DVFileWriter;
import org.apache.kafka.common.utils.Bytes;

/**
 * Format 3: a file of rows for each partition value, and deletion vectors of the rows that they
 * replace, whose places the index knows. A vector holds only what this epoch deleted; the committer
 * makes it one with what the table has.
 */
final class VectoredUpserts extends UpsertFiles {
  private final KeyIndex index;
  private final IndexRebuild rebuild;
  private final IndexedCompaction compaction;
  private final Map<Integer, List<Integer>> deleted = new TreeMap<>();

  VectoredUpserts(Target target, int sourcePartition, List<WrittenFile> finished, Indexed indexed) {
    super(target, sourcePartition, finished);
    this.index = indexed.index();
    this.rebuild = indexed.rebuild();
    this.compaction = indexed.compaction();
  }

  /**
   * The index of a source partition.
   *
   * @param rebuild fills it when it is empty and should not be
   * @param compaction of the files that it points to
   */
  record Indexed(KeyIndex index, IndexRebuild rebuild, IndexedCompaction compaction) {}

  @Override
  Gone write(Map<Bytes, LastChange> changes) {
    Schema keySchema = changes.values().iterator().next().key().getSchema();
    if (index.isNew() && changes.values().stream().anyMatch(last -> !last.isFirst())) {
      rebuild.run(table(), index, keySchema);
      target().refreshed();
    }
    int before = index.filesEver();
    List<Entry> kept = new ArrayList<>();
    changes.forEach(
        (key, last) -> {
          boolean existed = !last.isFirst() && delete(key);
          if (!last.change().isDelete()) {
            kept.add(new Entry(key, last));
          } else if (existed) {
            index.remove(key);
          }
        });
    writeRows(kept).forEach(this::index);
    long deletes = deleted.values().stream().mapToLong(List::size).sum();
    compaction.run(index, before, new Moves(keySchema));
    return deleted.isEmpty() ? Gone.NOTHING : new Gone(writeVectors(), deletes);
  }

  /** What compaction does is part of the epoch. */
  private final class Moves implements IndexedCompaction.Epoch {
    private final Schema keySchema;

    Moves(Schema keySchema) {
      this.keySchema = keySchema;
    }

    @Override
    public TableKeys keys(Table table) {
      return rebuild.keys(table, keySchema);
    }

    @Override
    public int deleted(int file) {
      return deleted.getOrDefault(file, List.of()).size();
    }

    @Override
    public void delete(Place place) {
      VectoredUpserts.this.delete(place);
    }

    @Override
    public void moved(int number, DataFile file, Table table) {
      index.add(number, file, Partitions.specOf(file, table));
      finished(WrittenFile.ofMoved(file, table));
    }
  }

  private boolean delete(Bytes key) {
    Place place = index.place(key);
    if (place == null) {
      return false;
    }
    delete(place);
    return true;
  }

  private void delete(Place place) {
    deleted.computeIfAbsent(place.file(), any -> new ArrayList<>()).add(place.position());
  }

  private void index(Rows rows) {
    int number = index.nextFile();
    int position = 0;
    for (Entry entry : rows.entries()) {
      index.put(entry.key(), new Place(number, position++));
    }
    index.add(number, rows.file(), specOf(rows.file()));
  }

  /** Gives the files that have no row left. */
  private List<String> writeVectors() {
    List<String> deadFiles = new ArrayList<>();
    BaseDVFileWriter writer = new BaseDVFileWriter(files().vectors(), path -> null);
    try (writer) {
      deleted.forEach((number, positions) -> writeVector(number, positions, writer, deadFiles));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (DeleteFile vector : writer.result().deleteFiles()) {
      finished(WrittenFile.of(vector, table()));
    }
    return deadFiles;
  }

  private void writeVector(
      int number, List<Integer> positions, DVFileWriter writer, List<String> deadFiles) {
    DataFile file = index.file(number, table().specs());
    int before = index.rowsLeft(number);
    int left = before == KeyIndex.SHARED ? before : before - positions.size();
    index.setRowsLeft(number, left);
    if (left == 0) {
      deadFiles.add(ContentFileParser.toJson(file, specOf(file)));
    }
    // Also of a file that goes: another writer may have moved its rows.
    positions.forEach(
        position -> writer.delete(file.location(), position, specOf(file), file.partition()));
  }
}

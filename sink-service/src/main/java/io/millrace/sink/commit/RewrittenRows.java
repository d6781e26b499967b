package io.millrace.sink.commit;

import io.millrace.sink.lake.DataFileRows;
import io.millrace.sink.lake.DeletesByKey;
import io.millrace.sink.lake.LakeCatalog;
import io.millrace.sink.lake.ParquetFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.CloseableIterable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes rows that another writer has moved into other data files, as one that compacts does.
 * Where they stand now is not known, so they are deleted by their keys, which stand in the files
 * that the rows came from. Those stay until the snapshots that need them expire.
 *
 * <p>A key has no other row that such a delete could reach: the writers named the place of the one
 * row that the table has of it, and what the same commit adds is out of a delete's reach.
 */
final class RewrittenRows {
  private static final Logger LOG = LoggerFactory.getLogger(RewrittenRows.class);

  private final Table table;
  private final Bitmaps bitmaps;

  RewrittenRows(Table table, Bitmaps bitmaps) {
    this.table = table;
    this.bitmaps = bitmaps;
  }

  /**
   * Writes equality deletes.
   *
   * @param vectors by data file, which the table no longer has
   * @throws ProtocolViolationException when a data file cannot be read any more
   */
  List<DeleteFile> delete(Map<String, List<DeleteFile>> vectors) {
    if (vectors.isEmpty()) {
      return List.of();
    }
    if (!canReach(table)) {
      throw lost(vectors.keySet().iterator().next(), "changed its partitioning");
    }
    LOG.info(
        "Another writer rewrote {} data files of lake table {}: their rows are deleted by key",
        vectors.size(),
        table.name());
    ParquetFiles files = new ParquetFiles(table, 0);
    List<DeleteFile> deletes = new ArrayList<>();
    vectors.forEach((path, parts) -> deletes.add(delete(path, parts, files)));
    return deletes;
  }

  /** Rows stay in their partition, or where there are several partitionings are sought in all. */
  private static boolean canReach(Table table) {
    return table.specs().size() == 1 || DeletesByKey.withoutPartitions(table).isPresent();
  }

  private DeleteFile delete(String path, List<DeleteFile> parts, ParquetFiles files) {
    List<PositionDeleteIndex> deleted = parts.stream().map(bitmaps::of).toList();
    Schema key = key();
    PartitionSpec spec =
        table.specs().size() == 1
            ? table.spec()
            : DeletesByKey.withoutPartitions(table).orElseThrow();
    EqualityDeleteWriter<StructLike> writer =
        files.deletes(key, spec, parts.getFirst().partition());
    try (writer;
        CloseableIterable<StructLike> rows = DataFileRows.read(table.io(), path, key)) {
      long position = 0;
      for (StructLike row : rows) {
        long here = position++;
        if (deleted.stream().anyMatch(vector -> vector.isDeleted(here))) {
          writer.write(row);
        }
      }
    } catch (NotFoundException e) {
      throw lost(path, "removed the file itself");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return writer.toDeleteFile();
  }

  /** The identifier fields would not do: a column that may be null cannot be one. */
  private Schema key() {
    String columns = Objects.requireNonNull(table.properties().get(LakeCatalog.KEY));
    return table.schema().select(columns.split(",", -1));
  }

  private ProtocolViolationException lost(String path, String why) {
    return new ProtocolViolationException(
        ("lake table %s no longer has data file %s, which the sink is to delete rows of: another"
                + " writer rewrote the table and %s. Nothing was committed. Drop the lake tables"
                + " of its topic and reset the sink's consumer groups to build them anew")
            .formatted(table.name(), path, why));
  }
}

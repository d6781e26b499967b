package io.millrace.sink.maintenance;

import io.millrace.sink.lake.DataFileRows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.util.StructLikeSet;
import org.apache.iceberg.util.StructProjection;

/** Rows of data files that their equality deletes leave, in the table's schema. */
final class LiveRows {
  private final Table table;
  private final Map<String, Deleted> deletes = new HashMap<>();

  LiveRows(Table table) {
    this.table = table;
  }

  private record Deleted(Schema key, StructLikeSet rows) {}

  /** A check of one file's rows. */
  private record Filter(StructProjection key, StructLikeSet deleted) {
    boolean keeps(StructLike row) {
      return !deleted.contains(key.wrap(row));
    }
  }

  /** Of one file, in its order. */
  CloseableIterable<StructLike> of(FileScanTask task) {
    List<Filter> filters = new ArrayList<>();
    for (DeleteFile file : task.deletes()) {
      Deleted deleted = deletes.computeIfAbsent(file.location(), any -> read(file));
      filters.add(
          new Filter(StructProjection.create(table.schema(), deleted.key()), deleted.rows()));
    }
    CloseableIterable<StructLike> rows =
        DataFileRows.read(table.io(), task.file().location(), table.schema());
    return filters.isEmpty()
        ? rows
        : CloseableIterable.filter(
            rows, row -> filters.stream().allMatch(filter -> filter.keeps(row)));
  }

  private Deleted read(DeleteFile file) {
    Schema key = TypeUtil.select(table.schema(), Set.copyOf(file.equalityFieldIds()));
    StructLikeSet deleted = StructLikeSet.create(key.asStruct());
    try (CloseableIterable<StructLike> rows = DataFileRows.read(table.io(), file.location(), key)) {
      rows.forEach(deleted::add);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read delete file " + file.location(), e);
    }
    return new Deleted(key, deleted);
  }
}

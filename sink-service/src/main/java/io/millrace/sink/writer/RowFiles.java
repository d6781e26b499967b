package io.millrace.sink.writer;

import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.Row;
import io.millrace.sink.lake.ParquetFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.SortOrderComparators;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.util.StructLikeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows that were gathered during an epoch in the layout of their table: one data file for
 * each partition value, in the sort order.
 *
 * @param <R> what holds a row
 */
final class RowFiles<R> {
  private final Target target;
  private final Table table;
  private final ParquetFiles files;
  private final Function<R, Change> changes;

  /**
   * Files of a table.
   *
   * @param changes the change that a row came with
   */
  RowFiles(Target target, ParquetFiles files, Function<R, Change> changes) {
    this.target = target;
    this.table = target.table();
    this.files = files;
    this.changes = changes;
  }

  /** Shows the row that a change is in the lake. */
  static LakeRow show(Change change, Target target, LakeRow view) {
    Row row = change.row();
    Schema schema =
        row == null
            ? ChangeEvent.row(Objects.requireNonNull(change.valueSchema()))
            : row.getSchema();
    @Nullable Object[] values =
        row == null ? new @Nullable Object[schema.getFields().size()] : row.values();
    return view.set(
        target.mapping(schema), values, change.op().text(), change.sourceTs(), change.sourcePos());
  }

  /** Groups rows by the partition value, in the sort order. */
  Map<StructLike, List<R>> arrange(List<R> rows) {
    LakeRow view = new LakeRow();
    PartitionOfRow partition = new PartitionOfRow(table);
    Map<StructLike, List<R>> groups = StructLikeMap.create(table.spec().partitionType());
    List<R> group = List.of();
    for (R row : sorted(rows)) {
      if (partition.moveTo(show(changes.apply(row), target, view))) {
        group = groups.computeIfAbsent(partition.copy(), any -> new ArrayList<>());
      }
      group.add(row);
    }
    return groups;
  }

  private List<R> sorted(List<R> rows) {
    SortOrder order = table.sortOrder();
    if (order.isUnsorted()) {
      return rows;
    }
    Comparator<StructLike> comparator = SortOrderComparators.forSchema(table.schema(), order);
    LakeRow left = new LakeRow();
    LakeRow right = new LakeRow();
    List<R> sorted = new ArrayList<>(rows);
    sorted.sort(
        (one, other) ->
            comparator.compare(
                show(changes.apply(one), target, left), show(changes.apply(other), target, right)));
    return sorted;
  }

  /** One data file of a group, in its order. */
  DataFile write(StructLike partition, List<R> group) {
    LakeRow view = new LakeRow();
    DataWriter<StructLike> writer = files.data(table.spec(), partition, table.sortOrder());
    try (writer) {
      for (R row : group) {
        writer.write(show(changes.apply(row), target, view));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return writer.toDataFile();
  }
}

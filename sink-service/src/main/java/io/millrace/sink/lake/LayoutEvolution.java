package io.millrace.sink.lake;

import io.millrace.pipeline.TableLayout;
import java.util.Arrays;
import java.util.Objects;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.ReplaceSortOrder;
import org.apache.iceberg.SortDirection;
import org.apache.iceberg.SortField;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.UpdatePartitionSpec;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

/**
 * Brings a table's partitioning and sort order to what the pipeline file says, for files that are
 * yet to be written. Those that stand keep theirs.
 */
final class LayoutEvolution {
  private LayoutEvolution() {}

  /** Evolves {@code table}, which is up to date afterwards. */
  static void evolve(Table table, TableShape shape) {
    MetadataUpdate.commitAll(table, () -> next(table, shape));
  }

  private static @Nullable MetadataUpdate next(Table table, TableShape shape) {
    BoundLayout bound = new BoundLayout(shape.table(), table.schema());
    TableLayout layout = shape.table().layout();
    PartitionSpec spec =
        layout.partitionBy() == null ? table.spec() : bound.spec(layout.partitionBy());
    SortOrder order = layout.sortBy() == null ? table.sortOrder() : bound.order(layout.sortBy());
    boolean moves = !isSame(spec, table.spec());
    if (!reachesAllRows(table, spec, moves)) {
      UpdatePartitionSpec none = table.updateSpec();
      table.spec().fields().forEach(field -> none.removeField(field.name()));
      return new MetadataUpdate(
          none.addNonDefaultSpec(), "deletes by key may reach all partitions");
    }
    if (moves) {
      return new MetadataUpdate(partitioned(table, spec), "partition_by " + layout.partitionBy());
    }
    return order.sameOrder(table.sortOrder())
        ? null
        : new MetadataUpdate(sorted(table, order), "sort_by " + layout.sortBy());
  }

  /** By what makes up the values; their order and names do not matter. */
  private static boolean isSame(PartitionSpec one, PartitionSpec other) {
    return one.fields().size() == other.fields().size()
        && one.fields().stream().allMatch(field -> has(other, field));
  }

  private static boolean has(PartitionSpec spec, PartitionField field) {
    return spec.fields().stream()
        .anyMatch(
            other ->
                other.sourceId() == field.sourceId()
                    && other.transform().toString().equals(field.transform().toString()));
  }

  /** Whether deletes by key find a row whose key does not say in which partition it is. */
  private static boolean reachesAllRows(Table table, PartitionSpec spec, boolean moves) {
    String key = table.properties().get(LakeCatalog.KEY);
    if (key == null || DeletesByKey.withoutPartitions(table).isPresent()) {
      return true;
    }
    boolean byPlace =
        LakeCatalog.hasDeletionVectors(((HasTableOperations) table).operations().current());
    return !moves
        && table.specs().size() == 1
        && (byPlace || DeletesByKey.follows(spec, Arrays.asList(key.split(",", -1))));
  }

  private static UpdatePartitionSpec partitioned(Table table, PartitionSpec spec) {
    UpdatePartitionSpec update = table.updateSpec();
    for (PartitionField field : table.spec().fields()) {
      if (!has(spec, field)) {
        update.removeField(field.name());
      }
    }
    for (PartitionField field : spec.fields()) {
      if (!has(table.spec(), field)) {
        update.addField(
            field.name(),
            Expressions.transform(column(table, field.sourceId()), field.transform()));
      }
    }
    return update;
  }

  private static ReplaceSortOrder sorted(Table table, SortOrder order) {
    ReplaceSortOrder update = table.replaceSortOrder();
    for (SortField field : order.fields()) {
      String column = column(table, field.sourceId());
      if (field.direction() == SortDirection.ASC) {
        update.asc(column, field.nullOrder());
      } else {
        update.desc(column, field.nullOrder());
      }
    }
    return update;
  }

  private static String column(Table table, int id) {
    return Objects.requireNonNull(table.schema().findColumnName(id));
  }
}

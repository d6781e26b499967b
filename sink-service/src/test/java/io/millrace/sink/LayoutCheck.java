package io.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.sink.lake.DataFileRows;
import io.millrace.sink.lake.Partitions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.SortOrderComparators;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;

/** Reads data files to see whether they are what they say. */
public final class LayoutCheck {
  private LayoutCheck() {}

  /**
   * Checks that the rows of each file are in the partition and in the order that it says.
   *
   * @return how many files there are by partitioning and sort order, as {@code spec/order}
   */
  public static Map<String, Integer> of(Table table) {
    Map<String, Integer> counts = new TreeMap<>();
    try (CloseableIterable<FileScanTask> files = table.newScan().planFiles()) {
      for (FileScanTask file : files) {
        check(table, file.file());
        counts.merge(file.file().specId() + "/" + file.file().sortOrderId(), 1, Integer::sum);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return counts;
  }

  private static void check(Table table, DataFile file) throws IOException {
    PartitionSpec spec = Partitions.specOf(file, table);
    PartitionKey partition = new PartitionKey(spec, table.schema());
    SortOrder order = Objects.requireNonNull(table.sortOrders().get(file.sortOrderId()));
    Comparator<StructLike> comparator =
        order.isSorted() ? SortOrderComparators.forSchema(table.schema(), order) : (_, _) -> 0;
    @Nullable StructLike before = null;
    try (CloseableIterable<StructLike> rows =
        DataFileRows.read(table.io(), file.location(), table.schema())) {
      for (StructLike row : rows) {
        partition.partition(row);
        assertThat(partition.toPath()).isEqualTo(spec.partitionToPath(file.partition()));
        assertThat(before == null || comparator.compare(before, row) <= 0)
            .as("%s is in the order %s", file.location(), order)
            .isTrue();
        before = row;
      }
    }
  }
}

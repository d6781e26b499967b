package io.millrace.sink.lake;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.PartitionMap;

/** In which partitions of a table data files are. */
public final class Partitions {
  private Partitions() {}

  /**
   * Those that can become one file: of one partitioning and partition value.
   *
   * @param file of an item
   */
  public static <T> Collection<List<T>> group(
      Iterable<T> items, Function<T, DataFile> file, Table table) {
    PartitionMap<List<T>> groups = PartitionMap.create(table.specs());
    for (T item : items) {
      DataFile of = file.apply(item);
      groups.computeIfAbsent(of.specId(), of.partition(), ArrayList::new).add(item);
    }
    return groups.values();
  }

  /** The partitioning that a file was written in, which may not be the table's any more. */
  public static PartitionSpec specOf(DataFile file, Table table) {
    return Objects.requireNonNull(table.specs().get(file.specId()));
  }
}

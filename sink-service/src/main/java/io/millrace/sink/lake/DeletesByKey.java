package io.millrace.sink.lake;

import java.util.Collection;
import java.util.Optional;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;

/**
 * Which partitioning deletes by key are to be written in, so that they reach the row of a key
 * wherever it is. A delete reaches the files of its own partitioning and partition value; one that
 * is not partitioned reaches all.
 */
public final class DeletesByKey {
  private DeletesByKey() {}

  /**
   * The partitioning for the deletes of a table: its only one, where its values follow from the
   * key; else the one without partitions, if the table ever had it.
   *
   * @param key names of the key's columns
   */
  public static Optional<PartitionSpec> spec(Table table, Collection<String> key) {
    Collection<PartitionSpec> specs = table.specs().values();
    return specs.stream()
        .filter(spec -> specs.size() == 1 && follows(spec, key))
        .findFirst()
        .or(() -> withoutPartitions(table));
  }

  /** The partitioning whose deletes reach every file, if the table ever had it. */
  public static Optional<PartitionSpec> withoutPartitions(Table table) {
    return table.specs().values().stream().filter(PartitionSpec::isUnpartitioned).findFirst();
  }

  /** Whether the key says in which partition its row is. */
  static boolean follows(PartitionSpec spec, Collection<String> key) {
    return spec.fields().stream()
        .allMatch(field -> key.contains(spec.schema().findColumnName(field.sourceId())));
  }
}

package io.millrace.sink.writer;

import java.util.List;
import java.util.Objects;
import org.apache.iceberg.Accessor;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/**
 * The partition value of a table's rows, one after the other. Iceberg's transforms are dear (a day
 * takes two date-times), and the rows of a transaction have one commit time: the value is found
 * anew only when a column behind it changes.
 */
final class PartitionOfRow {
  private final PartitionKey key;
  private final List<Accessor<StructLike>> columns;
  private final @Nullable Object[] last;
  private boolean known;

  /** For rows of {@code table} in its current schema and partitioning. */
  PartitionOfRow(Table table) {
    this.key = new PartitionKey(table.spec(), table.schema());
    this.columns =
        table.spec().fields().stream()
            .map(field -> table.schema().accessorForField(field.sourceId()))
            .toList();
    this.last = new @Nullable Object[columns.size()];
  }

  /**
   * Takes the next row.
   *
   * @return whether its partition value may differ from the one before
   */
  boolean moveTo(StructLike row) {
    boolean changed = !known;
    for (int i = 0; i < last.length; i++) {
      Object value = columns.get(i).get(row);
      if (!Objects.equals(value, last[i])) {
        last[i] = value;
        changed = true;
      }
    }
    if (changed) {
      key.partition(row);
      known = true;
    }
    return changed;
  }

  /** The partition value of the last row, to keep. */
  PartitionKey copy() {
    return key.copy();
  }
}

package io.millrace.sink.lake;

import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.Spelling;
import io.millrace.pipeline.TableLayout.PartitionField;
import io.millrace.pipeline.TableLayout.SortField;
import java.util.List;
import org.apache.iceberg.NullOrder;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.types.Types;

/**
 * Partitioning and sort order as the pipeline file names them, in a table's columns.
 *
 * @param table the table
 * @param schema its columns
 */
record BoundLayout(LakeTable table, Schema schema) {

  /**
   * A partitioning. The names of its fields tell one with 16 buckets from one with 32, which a
   * table may have had before.
   *
   * @throws IncompatibleTableException when the table cannot be partitioned so
   */
  PartitionSpec spec(List<PartitionField> fields) {
    PartitionSpec.Builder spec = PartitionSpec.builderFor(schema);
    for (PartitionField field : fields) {
      fitting(
          field,
          () -> {
            // Alone, so that what does not fit is told of this field.
            PartitionSpec.Builder alone = PartitionSpec.builderFor(schema);
            add(alone, field);
            alone.build();
            add(spec, field);
          });
    }
    return spec.build();
  }

  private void add(PartitionSpec.Builder spec, PartitionField field) {
    String column = column(field.column(), "partition_by");
    int size = field.parameter();
    switch (field.transform()) {
      case IDENTITY -> spec.identity(column);
      case YEAR -> spec.year(column);
      case MONTH -> spec.month(column);
      case DAY -> spec.day(column);
      case HOUR -> spec.hour(column);
      case BUCKET -> spec.bucket(column, size, column + "_bucket_" + size);
      case TRUNCATE -> spec.truncate(column, size, column + "_trunc_" + size);
    }
  }

  /**
   * A sort order.
   *
   * @throws IncompatibleTableException when the table cannot be sorted so
   */
  SortOrder order(List<SortField> fields) {
    SortOrder.Builder order = SortOrder.builderFor(schema);
    for (SortField field : fields) {
      String column = column(field.column(), "sort_by");
      if (field.descending()) {
        order.desc(column, NullOrder.NULLS_LAST);
      } else {
        order.asc(column, NullOrder.NULLS_FIRST);
      }
    }
    return order.build();
  }

  /** A column that a setting names. */
  String column(String name, String setting) {
    if (schema.findField(name) == null) {
      List<String> all = schema.columns().stream().map(Types.NestedField::name).toList();
      throw new IncompatibleTableException(
          "lake table %s has no column %s, which %s names: %s (lake.tables.%s in the pipeline file)"
              .formatted(
                  table.identifier(),
                  name,
                  setting,
                  Spelling.suggestion(name, all),
                  table.identifier()));
    }
    return name;
  }

  private void fitting(PartitionField field, Runnable binding) {
    try {
      binding.run();
    } catch (IllegalArgumentException | ValidationException e) {
      throw new IncompatibleTableException(
          "lake table %s cannot be partitioned by %s: %s (lake.tables.%s in the pipeline file)"
              .formatted(table.identifier(), field, e.getMessage(), table.identifier()));
    }
  }
}

package io.millrace.pipeline;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the rows of a lake table are to lie in its files.
 *
 * @param partitionBy what makes up the partition value, empty for none; null where the file does
 *     not say it: then a new table is partitioned as is usual, and another stays as it is
 * @param sortBy order of the rows in a file, empty for none; null where the file does not say it
 */
public record TableLayout(
    @Nullable List<PartitionField> partitionBy, @Nullable List<SortField> sortBy) {
  /** Where the file says nothing. */
  public static final TableLayout USUAL = new TableLayout(null, null);

  /** Keeps its own copies. */
  public TableLayout {
    partitionBy = partitionBy == null ? null : List.copyOf(partitionBy);
    sortBy = sortBy == null ? null : List.copyOf(sortBy);
  }

  /** What Iceberg makes of a column's value. */
  public enum Transform {
    IDENTITY,
    YEAR,
    MONTH,
    DAY,
    HOUR,
    /** A hash of the value; the parameter is the number of buckets. */
    BUCKET,
    /** A prefix or a multiple; the parameter is its width. */
    TRUNCATE;

    /** Whether it is a part of a time, of which one column gives one at most. */
    boolean isTime() {
      return this == YEAR || this == MONTH || this == DAY || this == HOUR;
    }
  }

  /**
   * A part of the partition value.
   *
   * @param parameter of {@link Transform#BUCKET} and {@link Transform#TRUNCATE}, above zero; 0 for
   *     others
   */
  public record PartitionField(Transform transform, int parameter, String column) {
    /** As it stands in the file. */
    @Override
    public String toString() {
      return switch (transform) {
        case IDENTITY -> column;
        case YEAR -> "year(" + column + ")";
        case MONTH -> "month(" + column + ")";
        case DAY -> "day(" + column + ")";
        case HOUR -> "hour(" + column + ")";
        case BUCKET -> "bucket(" + parameter + ", " + column + ")";
        case TRUNCATE -> "truncate(" + parameter + ", " + column + ")";
      };
    }
  }

  /** A column that rows are sorted by: nulls first, or last if it is descending. */
  public record SortField(String column, boolean descending) {
    /** As it stands in the file. */
    @Override
    public String toString() {
      return descending ? column + " desc" : column;
    }
  }
}

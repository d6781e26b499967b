package io.millrace.pipeline.plan;

import java.util.List;
import org.apache.avro.Schema;

/**
 * An operator of a view. Rows that pass between operators are {@link io.millrace.schemas.Row}s
 * whose last two fields are {@code _source_ts} and {@code _source_pos}.
 */
public sealed interface ViewNode {
  /** Avro record schema of this operator's rows, metadata columns last. */
  Schema row();

  /**
   * Reads a relation.
   *
   * @param columns positions in {@code relation.row()} of the columns read, metadata last
   * @param row schema of the rows read: the relation's, without the columns no one needs
   */
  record Scan(Relation relation, List<Integer> columns, Schema row) implements ViewNode {}

  /** Keeps the rows of which {@code condition} is true (not false, not null). */
  record Filter(ViewNode input, RowPredicate condition) implements ViewNode {
    @Override
    public Schema row() {
      return input.row();
    }
  }

  /**
   * Computes columns of each row; also appends the window of a TUMBLE.
   *
   * @param projection from the input's values to {@code row}'s values, metadata included
   */
  record Project(ViewNode input, RowFunction projection, Schema row) implements ViewNode {}

  /**
   * Joins each left row to the one right row whose whole primary key it names.
   *
   * @param right a {@link Scan}, possibly under filters and projections
   * @param foreignKey from a left row's values to the right key's values, in the order of the right
   *     relation's key schema; a null among them joins nothing
   * @param outer keep a left row without a match, its right columns null
   * @param row left columns, right columns, then the greatest {@code _source_ts} and {@code
   *     _source_pos} of the two
   */
  record ForeignKeyJoin(
      ViewNode left, ViewNode right, RowFunction foreignKey, boolean outer, Schema row)
      implements ViewNode {}

  /**
   * Groups rows and aggregates each group. A group without rows does not exist.
   *
   * @param groupKey from an input row's values to {@code key}'s values
   * @param key Avro record of the group key
   * @param calls what is computed of each group
   * @param row key columns in the order of {@code key}, one column per call, then the metadata
   */
  record Aggregate(
      ViewNode input, RowFunction groupKey, Schema key, List<AggregateCall> calls, Schema row)
      implements ViewNode {}

  /**
   * One aggregate function over one column.
   *
   * @param argument position of the column in the input row; -1 for {@code COUNT(*)}
   * @param result Avro schema of the result
   */
  record AggregateCall(Function function, int argument, Schema result) {
    /** Supported functions; nulls are skipped except by COUNT(*). */
    public enum Function {
      COUNT,
      SUM,
      AVG
    }
  }
}

package io.millrace.aggregation;

import io.millrace.runtime.streams.RowTables;
import io.millrace.runtime.streams.ViewScope;
import io.millrace.runtime.streams.ViewTopology;

/**
 * Aggregate views: change topics and view topics, grouped and aggregated, to aggregate topics.
 *
 * <p>In: {@code <pipeline>.cdc.<table>}, {@code <pipeline>.view.<view>}. Out: {@code
 * <pipeline>.agg.<view>}, keyed by the columns of GROUP BY; a group without rows is a tombstone.
 */
final class AggregationTopology {
  private AggregationTopology() {}

  static ViewTopology of(ViewScope scope) {
    return new RowTables(scope, new GroupTable()).build();
  }
}

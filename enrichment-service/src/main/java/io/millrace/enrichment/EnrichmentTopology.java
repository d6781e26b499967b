package io.millrace.enrichment;

import io.millrace.pipeline.plan.ViewNode;
import io.millrace.runtime.streams.OperatorNames;
import io.millrace.runtime.streams.RowTable;
import io.millrace.runtime.streams.RowTables;
import io.millrace.runtime.streams.ViewScope;
import io.millrace.runtime.streams.ViewTopology;

/**
 * Enriched views: change topics (and views over them) through filters, projections and foreign-key
 * joins to view topics.
 *
 * <p>In: {@code <pipeline>.cdc.<table>}. Out: {@code <pipeline>.view.<view>}, keyed by the leftmost
 * table's primary key; a row that is deleted or stops matching is a tombstone.
 */
final class EnrichmentTopology {
  private EnrichmentTopology() {}

  static ViewTopology of(ViewScope scope) {
    return new RowTables(scope, EnrichmentTopology::refuse).build();
  }

  private static RowTable<?> refuse(
      RowTables tables, ViewNode.Aggregate aggregate, OperatorNames names) {
    throw new IllegalStateException(
        "view '"
            + names.view()
            + "' groups rows: declare it under 'aggregate', not under 'enrich'");
  }
}

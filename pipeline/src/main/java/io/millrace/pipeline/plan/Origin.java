package io.millrace.pipeline.plan;

import java.util.Optional;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.Filter;
import org.apache.calcite.rel.core.Join;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rel.core.TableScan;
import org.apache.calcite.rex.RexInputRef;

/**
 * The column of a relation whose values a field carries unchanged.
 *
 * @param table the relation
 * @param column position in the relation as SQL sees it
 * @param leftmost whether the relation is the one whose key the rows have
 */
record Origin(RelationTable table, int column, boolean leftmost) {
  /** Where a field of a relational operator comes from; empty if it is computed. */
  static Optional<Origin> of(RelNode relation, int field) {
    return switch (relation) {
      case TableScan scan -> Optional.of(new Origin(NodeBuilder.table(scan), field, true));
      case Filter filter -> of(filter.getInput(), field);
      case Project project ->
          Expressions.withoutIdleCasts(project.getProjects().get(field))
                  instanceof RexInputRef reference
              ? of(project.getInput(), reference.getIndex())
              : Optional.empty();
      case Join join -> {
        int left = join.getLeft().getRowType().getFieldCount();
        yield field < left
            ? of(join.getLeft(), field)
            : of(join.getRight(), field - left)
                .map(origin -> new Origin(origin.table(), origin.column(), false));
      }
      default -> Optional.empty();
    };
  }

  /** The relation whose key the rows of an operator have. */
  static RelationTable leftmost(RelNode relation) {
    return relation instanceof TableScan scan
        ? NodeBuilder.table(scan)
        : leftmost(relation.getInput(0));
  }

  /** Name of the column. */
  String name() {
    int columns = table.columns().size();
    return column < columns
        ? table.columns().get(column).name()
        : column == columns ? Tumble.WINDOW_START : Tumble.WINDOW_END;
  }

  /** Whether it is the start of the table's window. */
  boolean isWindowStart() {
    return column == table.columns().size();
  }
}

package io.millrace.pipeline.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.Aggregate;
import org.apache.calcite.rel.core.AggregateCall;
import org.apache.calcite.rel.core.Filter;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.util.ImmutableBitSet;
import org.jspecify.annotations.Nullable;

/**
 * Plans one validated view under {@code aggregate}: a Project over a Filter (HAVING) over an
 * Aggregate, of which the first two can be missing.
 */
final class AggregateBuilder {
  private static final String WINDOW = "millrace.window";

  private final ValidatedView view;
  private final String namespace;
  private final Refusals refusals;

  /** SELECT, over the fields of the aggregate. */
  private final List<RexNode> selected;

  private final @Nullable Filter having;
  private final Aggregate aggregate;

  AggregateBuilder(ValidatedView view, String namespace, Refusals refusals) {
    this.view = view;
    this.namespace = namespace;
    this.refusals = refusals;
    RelNode root = Optimizer.optimize(view.relations());
    RelNode below = root instanceof Project project ? project.getInput() : root;
    this.having = below instanceof Filter filter ? filter : null;
    this.aggregate = (Aggregate) (having == null ? below : having.getInput());
    this.selected = root instanceof Project project ? project.getProjects() : fields(aggregate);
  }

  private static List<RexNode> fields(RelNode relation) {
    List<RexNode> fields = new ArrayList<>();
    for (int i = 0; i < relation.getRowType().getFieldCount(); i++) {
      fields.add(RexInputRef.of(i, relation.getRowType()));
    }
    return fields;
  }

  private String name() {
    return view.parsed().view().name();
  }

  /** The view's plan; empty if it is refused. */
  Optional<ViewPlan> build() {
    List<Integer> groups = groupOrder();
    if (!refusals.isEmpty()) {
      return Optional.empty();
    }
    NodeBuilder nodes =
        new NodeBuilder(
            name(), namespace, new JoinKeys(aggregate, view.select().getFrom(), refusals));
    List<Integer> arguments = new ArrayList<>();
    aggregate.getAggCallList().forEach(call -> arguments.addAll(call.getArgList()));
    NodeBuilder.Built input =
        nodes.build(
            aggregate.getInput(), aggregate.getGroupSet().union(ImmutableBitSet.of(arguments)));

    Schema row = ColumnTypes.row(name(), namespace, ViewBuilder.columns(view.rowType()));
    windowStart().ifPresent(column -> row.addProp(WINDOW, column));
    List<Integer> fieldOrder = new ArrayList<>(groups);
    calls().forEach(fieldOrder::add);
    boolean direct = isSelectedAs(fieldOrder);
    NodeBuilder.Built grouped =
        aggregated(input, groups, fieldOrder, direct ? row : groupedRow(fieldOrder));
    if (having != null) {
      grouped = NodeBuilder.filtered(grouped, having.getCondition());
    }
    ViewNode root =
        direct
            ? grouped.node()
            : new ViewNode.Project(
                grouped.node(),
                NodeBuilder.projection(grouped, selected, ViewBuilder.types(view.rowType())),
                row);
    Schema key = key(groups);
    return Optional.of(
        new ViewPlan(new Relation(name(), Relation.Kind.AGGREGATE_VIEW, key, row), root));
  }

  private NodeBuilder.Built aggregated(
      NodeBuilder.Built input, List<Integer> groups, List<Integer> fieldOrder, Schema row) {
    List<ExpressionCompiler.Column> keyColumns = new ArrayList<>();
    for (int group : groups) {
      RexInputRef column =
          RexInputRef.of(aggregate.getGroupSet().nth(group), aggregate.getInput().getRowType());
      keyColumns.add(new ExpressionCompiler.Column(column, column.getType()));
    }
    RowFunction groupKey =
        new ExpressionCompiler(field -> input.positions().get(field)).function(keyColumns);
    List<ViewNode.AggregateCall> calls = new ArrayList<>();
    for (AggregateCall call : aggregate.getAggCallList()) {
      calls.add(
          new ViewNode.AggregateCall(
              function(call),
              call.getArgList().isEmpty()
                  ? -1
                  : input.positions().get(call.getArgList().getFirst()),
              ColumnTypes.avro(call.getType())));
    }
    List<Integer> positions = NodeBuilder.unneeded(aggregate.getRowType().getFieldCount());
    for (int i = 0; i < fieldOrder.size(); i++) {
      positions.set(fieldOrder.get(i), i);
    }
    return new NodeBuilder.Built(
        new ViewNode.Aggregate(input.node(), groupKey, key(groups), List.copyOf(calls), row),
        positions);
  }

  private static ViewNode.AggregateCall.Function function(AggregateCall call) {
    return switch (call.getAggregation().getKind()) {
      case COUNT -> ViewNode.AggregateCall.Function.COUNT;
      case SUM -> ViewNode.AggregateCall.Function.SUM;
      case AVG -> ViewNode.AggregateCall.Function.AVG;
      default -> throw new IllegalStateException("an aggregate passed the checks: " + call);
    };
  }

  /** The group columns, in the order in which SELECT names them; those it does not are refused. */
  private List<Integer> groupOrder() {
    List<Integer> groups = new ArrayList<>();
    for (RexNode item : selected) {
      field(item)
          .filter(field -> field < aggregate.getGroupCount() && !groups.contains(field))
          .ifPresent(groups::add);
    }
    if (aggregate.getGroupCount() == 0) {
      refusals.add(
          view.select().getGroup().getParserPosition(),
          "GROUP BY names no column",
          "name at least one: a view has a row for each group");
    }
    for (int group = 0; group < aggregate.getGroupCount(); group++) {
      if (!groups.contains(group)) {
        refusals.add(
            view.select().getGroup().getParserPosition(),
            "not every column of GROUP BY is in the SELECT list",
            "add each to the SELECT list, as it stands in GROUP BY: they tell the groups apart");
        return groups;
      }
    }
    return groups;
  }

  private List<Integer> calls() {
    return ImmutableBitSet.range(aggregate.getGroupCount(), aggregate.getRowType().getFieldCount())
        .asList();
  }

  private static Optional<Integer> field(RexNode item) {
    return Expressions.withoutIdleCasts(item) instanceof RexInputRef reference
        ? Optional.of(reference.getIndex())
        : Optional.empty();
  }

  private boolean isSelectedAs(List<Integer> fieldOrder) {
    return selected.stream().map(item -> field(item).orElse(-1)).toList().equals(fieldOrder);
  }

  /** The first output column that is a field of the aggregate. */
  private RelDataTypeField output(int field) {
    for (int i = 0; i < selected.size(); i++) {
      if (field(selected.get(i)).equals(Optional.of(field))) {
        return view.rowType().getFieldList().get(i);
      }
    }
    throw new IllegalStateException("field " + field + " is not selected");
  }

  private Schema key(List<Integer> groups) {
    List<Schema.Field> fields = new ArrayList<>();
    for (int group : groups) {
      RelDataTypeField column = output(group);
      fields.add(ColumnTypes.field(column.getName(), ColumnTypes.avro(column.getType())));
    }
    return ColumnTypes.record(name() + "_key", namespace, fields);
  }

  private Schema groupedRow(List<Integer> fieldOrder) {
    List<Schema.Field> fields = new ArrayList<>();
    for (int i = 0; i < fieldOrder.size(); i++) {
      int field = fieldOrder.get(i);
      String column =
          field < aggregate.getGroupCount() ? output(field).getName() : "aggregate_" + i;
      fields.add(
          ColumnTypes.field(
              column,
              ColumnTypes.avro(aggregate.getRowType().getFieldList().get(field).getType())));
    }
    return ColumnTypes.row(name() + "_groups", namespace, fields);
  }

  /** The output column by whose day the lake can partition the view. */
  private Optional<String> windowStart() {
    for (int group = 0; group < aggregate.getGroupCount(); group++) {
      Optional<Origin> origin = Origin.of(aggregate.getInput(), aggregate.getGroupSet().nth(group));
      if (origin.isPresent() && origin.get().isWindowStart()) {
        return Optional.of(output(group).getName());
      }
    }
    return Optional.empty();
  }
}

package io.millrace.pipeline.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;

/** Plans one validated view under {@code enrich}. */
final class ViewBuilder {
  private final ValidatedView view;
  private final String namespace;
  private final Refusals refusals;

  ViewBuilder(ValidatedView view, String namespace, Refusals refusals) {
    this.view = view;
    this.namespace = namespace;
    this.refusals = refusals;
  }

  private String name() {
    return view.parsed().view().name();
  }

  /** The view's plan; empty if it is refused. */
  Optional<ViewPlan> build() {
    RelNode root = Optimizer.optimize(view.relations());
    JoinKeys joinKeys = new JoinKeys(root, view.select().getFrom(), refusals);
    joinKeys.check();
    Optional<Schema> key = key(root);
    if (!refusals.isEmpty()) {
      return Optional.empty();
    }
    NodeBuilder nodes = new NodeBuilder(name(), namespace, joinKeys);
    Schema row = ColumnTypes.row(name(), namespace, columns(view.rowType()));
    Project project = projection(Optimizer.merge(JoinOrder.reorder(root, joinKeys)));
    NodeBuilder.Built input =
        nodes.build(
            project.getInput(),
            org.apache.calcite.plan.RelOptUtil.InputFinder.bits(project.getProjects(), null));
    RowFunction function =
        NodeBuilder.projection(input, project.getProjects(), types(view.rowType()));
    ViewNode node = new ViewNode.Project(input.node(), function, row);
    return Optional.of(
        new ViewPlan(
            new Relation(name(), Relation.Kind.ENRICHED_VIEW, key.orElseThrow(), row), node));
  }

  /** The outermost operator, which is what SELECT says. */
  private static Project projection(RelNode root) {
    if (root instanceof Project project) {
      return project;
    }
    List<RexNode> all = new ArrayList<>();
    for (int i = 0; i < root.getRowType().getFieldCount(); i++) {
      all.add(RexInputRef.of(i, root.getRowType()));
    }
    return org.apache.calcite.rel.logical.LogicalProject.create(
        root, List.of(), all, root.getRowType().getFieldNames(), Set.of());
  }

  static List<Schema.Field> columns(RelDataType row) {
    List<Schema.Field> fields = new ArrayList<>();
    for (RelDataTypeField column : row.getFieldList()) {
      fields.add(ColumnTypes.field(column.getName(), ColumnTypes.avro(column.getType())));
    }
    return fields;
  }

  static List<RelDataType> types(RelDataType row) {
    return row.getFieldList().stream().map(RelDataTypeField::getType).toList();
  }

  /** The leftmost relation's key, by the names that the view gives its columns. */
  private Optional<Schema> key(RelNode root) {
    Relation left = Origin.leftmost(root).relation();
    if (left.isKeyless()) {
      refusals.add(
          view.select().getSelectList().getParserPosition(),
          "table '" + left.name() + "' has no key, so nothing tells the view's rows apart",
          "group them, or name columns that do: source.tables." + left.name() + ".key");
      return Optional.empty();
    }
    List<Schema.Field> fields = new ArrayList<>();
    Set<Integer> taken = new HashSet<>();
    for (Schema.Field column : left.key().getFields()) {
      Optional<Integer> output = output(root, column.name());
      if (output.isEmpty()) {
        refusals.add(
            view.select().getSelectList().getParserPosition(),
            "the view does not output '" + column.name() + "', of the key of '" + left.name() + "'",
            "add it to the SELECT list: it tells the view's rows apart");
      } else if (taken.add(output.get())) {
        RelDataTypeField field = view.rowType().getFieldList().get(output.get());
        fields.add(new Schema.Field(field.getName(), column.schema()));
      }
    }
    return refusals.isEmpty()
        ? Optional.of(ColumnTypes.record(name() + "_key", namespace, fields))
        : Optional.empty();
  }

  /** Which output column is a column of the leftmost relation. */
  private static Optional<Integer> output(RelNode root, String column) {
    for (int i = 0; i < root.getRowType().getFieldCount(); i++) {
      Optional<Origin> origin = Origin.of(root, i);
      if (origin.isPresent() && origin.get().leftmost() && origin.get().name().equals(column)) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }
}

package io.millrace.pipeline.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.Filter;
import org.apache.calcite.rel.core.Join;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rel.core.TableScan;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.util.ImmutableBitSet;

/**
 * Turns relational operators into view operators, each of which keeps only the columns that those
 * above it need.
 */
final class NodeBuilder {
  /**
   * A view operator in the place of a relational one.
   *
   * @param node the operator
   * @param positions for each field of the relational operator its place in the rows of {@code
   *     node}; -1 if no one needs it
   */
  record Built(ViewNode node, List<Integer> positions) {
    int sourceTs() {
      return node.row().getFields().size() - 2;
    }

    int sourcePos() {
      return node.row().getFields().size() - 1;
    }
  }

  private final String view;
  private final String namespace;
  private final JoinKeys joinKeys;
  private int rows;

  NodeBuilder(String view, String namespace, JoinKeys joinKeys) {
    this.view = view;
    this.namespace = namespace;
    this.joinKeys = joinKeys;
  }

  Built build(RelNode relation, ImmutableBitSet needed) {
    return switch (relation) {
      case TableScan scan -> scan(scan, needed);
      case Filter filter -> filter(filter, needed);
      case Project project -> project(project, needed);
      case Join join -> join(join, needed);
      default ->
          throw new IllegalStateException(
              "an operator passed the checks that cannot run: " + relation.getRelTypeName());
    };
  }

  static RelationTable table(TableScan scan) {
    return scan.getTable().unwrapOrThrow(RelationTable.class);
  }

  private Built scan(TableScan scan, ImmutableBitSet needed) {
    RelationTable table = table(scan);
    int count = table.columns().size();
    ImmutableBitSet columns = needed.intersect(ImmutableBitSet.range(count));
    if (table.tumble().isPresent()) {
      Tumble tumble = table.tumble().get();
      int time = table.column(tumble.column());
      Built plain = columns(table, columns.set(time));
      return window(scan, plain, time, count, tumble.sizeMicros());
    }
    return columns(table, columns);
  }

  private static Built columns(RelationTable table, ImmutableBitSet columns) {
    List<Schema.Field> fields = table.relation().row().getFields();
    List<Integer> read = new ArrayList<>();
    List<Schema.Field> kept = new ArrayList<>();
    List<Integer> positions = unneeded(fields.size() - 2);
    for (int column : columns) {
      Schema.Field field = table.columns().get(column);
      positions.set(column, read.size());
      read.add(field.pos());
      kept.add(new Schema.Field(field, field.schema()));
    }
    read.add(fields.size() - 2);
    read.add(fields.size() - 1);
    Schema row = table.relation().row();
    return new Built(
        new ViewNode.Scan(
            table.relation(),
            List.copyOf(read),
            ColumnTypes.row(row.getName(), row.getNamespace(), kept)),
        positions);
  }

  /** Appends the bounds of the window that each row falls in. */
  private Built window(TableScan scan, Built plain, int time, int count, long size) {
    int kept = plain.node().row().getFields().size() - 2;
    int timePosition = plain.positions().get(time);
    RowFunction windows =
        in -> {
          Object[] out = Arrays.copyOf(in, in.length + 2);
          Long start = SqlOperations.windowStart((Long) in[timePosition], size);
          out[kept] = start;
          out[kept + 1] = start == null ? null : (Long) (start + size);
          out[kept + 2] = in[kept];
          out[kept + 3] = in[kept + 1];
          return out;
        };
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : plain.node().row().getFields().subList(0, kept)) {
      fields.add(new Schema.Field(field, field.schema()));
    }
    for (RelDataTypeField bound : scan.getRowType().getFieldList().subList(count, count + 2)) {
      fields.add(ColumnTypes.field(bound.getName(), ColumnTypes.avro(bound.getType())));
    }
    List<Integer> positions = new ArrayList<>(plain.positions());
    positions.add(kept);
    positions.add(kept + 1);
    return new Built(new ViewNode.Project(plain.node(), windows, row(fields)), positions);
  }

  private Built filter(Filter filter, ImmutableBitSet needed) {
    ImmutableBitSet used = RelOptUtil.InputFinder.bits(filter.getCondition());
    Built input = build(filter.getInput(), needed.union(used));
    return filtered(input, filter.getCondition());
  }

  static Built filtered(Built input, RexNode condition) {
    RowPredicate predicate =
        new ExpressionCompiler(field -> input.positions().get(field)).predicate(condition);
    return new Built(new ViewNode.Filter(input.node(), predicate), input.positions());
  }

  private Built project(Project project, ImmutableBitSet needed) {
    List<RexNode> expressions = new ArrayList<>();
    List<Schema.Field> fields = new ArrayList<>();
    List<Integer> positions = unneeded(project.getProjects().size());
    for (int field : needed) {
      RelDataTypeField column = project.getRowType().getFieldList().get(field);
      positions.set(field, expressions.size());
      expressions.add(project.getProjects().get(field));
      fields.add(ColumnTypes.field(internal(field, column), ColumnTypes.avro(column.getType())));
    }
    Built input = build(project.getInput(), RelOptUtil.InputFinder.bits(expressions, null));
    List<RelDataType> types =
        needed.asList().stream()
            .map(field -> project.getRowType().getFieldList().get(field).getType())
            .toList();
    return new Built(
        new ViewNode.Project(input.node(), projection(input, expressions, types), row(fields)),
        positions);
  }

  /** Names of columns between operators: unique, and fit for Avro. */
  private static String internal(int field, RelDataTypeField column) {
    return column.getName().matches("[A-Za-z_][A-Za-z0-9_]*")
        ? column.getName()
        : "column_" + field;
  }

  /** A function to the expressions' values and then the metadata. */
  static RowFunction projection(Built input, List<RexNode> expressions, List<RelDataType> types) {
    List<ExpressionCompiler.Column> columns = new ArrayList<>();
    for (int i = 0; i < expressions.size(); i++) {
      columns.add(new ExpressionCompiler.Column(expressions.get(i), types.get(i)));
    }
    return new ExpressionCompiler(field -> input.positions().get(field))
        .function(columns, input.sourceTs(), input.sourcePos());
  }

  private Built join(Join join, ImmutableBitSet needed) {
    JoinKeys.Keys keys = joinKeys.of(join);
    int leftCount = join.getLeft().getRowType().getFieldCount();
    ImmutableBitSet used =
        needed
            .union(RelOptUtil.InputFinder.bits(keys.foreignKey(), null))
            .union(RelOptUtil.InputFinder.bits(keys.remaining(), null));
    Built left = build(join.getLeft(), used.intersect(ImmutableBitSet.range(leftCount)));
    Built right =
        build(join.getRight(), used.except(ImmutableBitSet.range(leftCount)).shift(-leftCount));
    List<ExpressionCompiler.Column> key = new ArrayList<>();
    for (int i = 0; i < keys.foreignKey().size(); i++) {
      key.add(new ExpressionCompiler.Column(keys.foreignKey().get(i), keys.types().get(i)));
    }
    RowFunction foreignKey =
        new ExpressionCompiler(field -> left.positions().get(field)).function(key);
    boolean outer = join.getJoinType() == JoinRelType.LEFT;
    int kept = left.node().row().getFields().size() - 2;
    List<Integer> positions = new ArrayList<>(left.positions());
    for (int position : right.positions()) {
      positions.add(position < 0 ? -1 : kept + position);
    }
    Built joined =
        new Built(
            new ViewNode.ForeignKeyJoin(
                left.node(), right.node(), foreignKey, outer, joinedRow(left, right, outer)),
            positions);
    return remaining(keys.remaining(), join).map(rest -> filtered(joined, rest)).orElse(joined);
  }

  private static Optional<RexNode> remaining(List<RexNode> conditions, Join join) {
    return conditions.isEmpty()
        ? Optional.empty()
        : Optional.of(RexUtil.composeConjunction(join.getCluster().getRexBuilder(), conditions));
  }

  private Schema joinedRow(Built left, Built right, boolean outer) {
    List<Schema.Field> fields = new ArrayList<>();
    append(fields, left, false);
    append(fields, right, outer);
    return row(fields);
  }

  private static void append(List<Schema.Field> fields, Built side, boolean nullable) {
    List<Schema.Field> columns = side.node().row().getFields();
    for (Schema.Field column : columns.subList(0, columns.size() - 2)) {
      Schema type =
          nullable && !column.schema().isNullable()
              ? Schema.createUnion(Schema.create(Schema.Type.NULL), column.schema())
              : column.schema();
      fields.add(ColumnTypes.field(unique(column.name(), fields), type));
    }
  }

  private static String unique(String name, List<Schema.Field> fields) {
    String unique = name;
    for (int i = 2; contains(fields, unique); i++) {
      unique = name + "_" + i;
    }
    return unique;
  }

  private static boolean contains(List<Schema.Field> fields, String name) {
    return fields.stream().anyMatch(field -> field.name().equals(name));
  }

  /** Schema of rows between two operators. */
  private Schema row(List<Schema.Field> columns) {
    return ColumnTypes.row(view + "_rows_" + ++rows, namespace, columns);
  }

  static List<Integer> unneeded(int fields) {
    return new ArrayList<>(Collections.nCopies(fields, -1));
  }
}

package io.millrace.pipeline.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.Join;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rel.logical.LogicalJoin;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.util.ImmutableBitSet;

/**
 * Joins to a joined relation what it alone names, before it is joined itself: {@code lines ⋈ orders
 * ⋈ products ⟕ customers}, where an order names its customer, becomes {@code (lines ⋈ products) ⋈
 * (orders ⟕ customers)}. What is itself joined comes last, so that it is complete when it is looked
 * up.
 *
 * <p>Every join here looks up at most one right row, so the order changes no result. It changes the
 * cost: rows of the leftmost relation, the most numerous, pass one join less for each relation that
 * another one names.
 */
final class JoinOrder {
  private final JoinKeys joinKeys;

  private JoinOrder(JoinKeys joinKeys) {
    this.joinKeys = joinKeys;
  }

  /**
   * The same rows and columns by another order of joins.
   *
   * @param joinKeys that found no fault with the joins of {@code root}
   */
  static RelNode reorder(RelNode root, JoinKeys joinKeys) {
    return new JoinOrder(joinKeys).reordered(root);
  }

  private RelNode reordered(RelNode relation) {
    if (relation instanceof Join join) {
      return chain(join);
    }
    List<RelNode> inputs = relation.getInputs().stream().map(this::reordered).toList();
    return inputs.equals(relation.getInputs())
        ? relation
        : relation.copy(relation.getTraitSet(), inputs);
  }

  /**
   * A relation in a chain of joins.
   *
   * @param fields of it, in the chain as it is written
   * @param conditions on the fields of the chain
   * @param joined relations that are joined to this one alone
   */
  private record Part(
      RelNode relation,
      ImmutableBitSet fields,
      JoinRelType type,
      List<RexNode> conditions,
      List<Part> joined) {

    int depth() {
      return joined.stream().mapToInt(part -> part.depth() + 1).max().orElse(0);
    }

    /** Fields of other parts that its conditions are about. */
    ImmutableBitSet named() {
      return RelOptUtil.InputFinder.bits(conditions, null).except(fields);
    }
  }

  /**
   * Joined relations.
   *
   * @param fields for each field of {@code relation} its place in the chain as it is written
   */
  private record Joined(RelNode relation, List<Integer> fields) {}

  private RelNode chain(Join last) {
    List<Join> joins = new ArrayList<>();
    RelNode left = last;
    while (left instanceof Join join) {
      joins.addFirst(join);
      left = join.getLeft();
    }
    Part base = part(reordered(left), 0, JoinRelType.INNER, List.of());
    List<Part> earlier = new ArrayList<>();
    for (Join join : joins) {
      Part part =
          part(
              reordered(join.getRight()),
              join.getLeft().getRowType().getFieldCount(),
              join.getJoinType(),
              RelOptUtil.conjunctions(join.getCondition()));
      earlier.stream()
          .filter(other -> other.fields.contains(part.named()) && canJoinFirst(other, join))
          .findFirst()
          .orElse(base)
          .joined
          .add(part);
      earlier.add(part);
    }
    return asWritten(joined(base), last);
  }

  private static Part part(
      RelNode relation, int first, JoinRelType type, List<RexNode> conditions) {
    int count = relation.getRowType().getFieldCount();
    return new Part(
        relation, ImmutableBitSet.range(first, first + count), type, conditions, new ArrayList<>());
  }

  /** Whether {@code join}, which names {@code other} alone, can be made before other is joined. */
  private boolean canJoinFirst(Part other, Join join) {
    JoinKeys.Keys keys = joinKeys.of(join);
    boolean namesIt = !RelOptUtil.InputFinder.bits(keys.foreignKey(), null).isEmpty();
    // Where an outer join finds no row of other, the row that it would have named must be absent.
    boolean absentTogether =
        join.getJoinType() == JoinRelType.LEFT
            && keys.foreignKey().stream()
                .anyMatch(key -> Expressions.withoutIdleCasts(key) instanceof RexInputRef);
    return namesIt && (other.type == JoinRelType.INNER || absentTogether);
  }

  private static Joined joined(Part part) {
    Joined all = new Joined(part.relation, part.fields.asList());
    List<Part> waiting = new ArrayList<>(part.joined);
    while (!waiting.isEmpty()) {
      ImmutableBitSet known = ImmutableBitSet.of(all.fields);
      Part next =
          waiting.stream()
              .filter(ready -> known.contains(ready.named()))
              .min(Comparator.comparingInt(Part::depth))
              .orElseThrow();
      waiting.remove(next);
      all = join(all, joined(next), next);
    }
    return all;
  }

  private static Joined join(Joined left, Joined right, Part part) {
    List<Integer> fields = new ArrayList<>(left.fields);
    fields.addAll(right.fields);
    List<RelDataTypeField> columns = new ArrayList<>(left.relation.getRowType().getFieldList());
    columns.addAll(right.relation.getRowType().getFieldList());
    RexShuttle moved =
        new RexShuttle() {
          @Override
          public RexNode visitInputRef(RexInputRef reference) {
            int place = fields.indexOf(reference.getIndex());
            return new RexInputRef(place, columns.get(place).getType());
          }
        };
    RexNode condition =
        RexUtil.composeConjunction(
            left.relation.getCluster().getRexBuilder(), moved.apply(part.conditions));
    return new Joined(
        LogicalJoin.create(
            left.relation, right.relation, List.of(), condition, Set.of(), part.type),
        fields);
  }

  /** The fields in the order in which {@code written} has them. */
  private static RelNode asWritten(Joined joined, Join written) {
    int count = joined.fields.size();
    if (IntStream.range(0, count).allMatch(i -> joined.fields.get(i) == i)) {
      return joined.relation;
    }
    List<RexInputRef> places =
        IntStream.range(0, count)
            .mapToObj(
                field -> RexInputRef.of(joined.fields.indexOf(field), joined.relation.getRowType()))
            .toList();
    return LogicalProject.create(
        joined.relation, List.of(), places, written.getRowType().getFieldNames(), Set.of());
  }
}

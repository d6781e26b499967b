package io.millrace.pipeline.plan;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.Filter;
import org.apache.calcite.rel.core.Join;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.util.ImmutableBitSet;

/** Finds in the condition of each join which left values name the right row's primary key. */
final class JoinKeys {
  /**
   * A join's condition.
   *
   * @param foreignKey expressions of the left side, in the order of the right key
   * @param types of the right key's columns
   * @param remaining what else the condition says, over both sides
   */
  record Keys(List<RexNode> foreignKey, List<RelDataType> types, List<RexNode> remaining) {}

  private final IdentityHashMap<Join, SqlParserPos> positions = new IdentityHashMap<>();
  private final Refusals refusals;

  /**
   * For the joins of one view.
   *
   * @param root relational operators, whose joins stand in the order of those in {@code from}
   */
  JoinKeys(RelNode root, SqlNode from, Refusals refusals) {
    this.refusals = refusals;
    List<Join> joins = new ArrayList<>();
    collect(root, joins);
    List<SqlParserPos> places = new ArrayList<>();
    collect(from, places);
    for (int i = 0; i < joins.size(); i++) {
      positions.put(joins.get(i), places.get(i));
    }
  }

  private static void collect(RelNode relation, List<Join> joins) {
    relation.getInputs().forEach(input -> collect(input, joins));
    if (relation instanceof Join join) {
      joins.add(join);
    }
  }

  private static void collect(SqlNode from, List<SqlParserPos> places) {
    if (from instanceof SqlJoin join) {
      collect(join.getLeft(), places);
      collect(join.getRight(), places);
      SqlNode condition = join.getCondition();
      places.add((condition == null ? join.getRight() : condition).getParserPosition());
    }
  }

  /** Refuses the joins that are not on a key. */
  void check() {
    positions.keySet().forEach(this::find);
  }

  /** The keys of a join that was checked. */
  Keys of(Join join) {
    return find(join).orElseThrow();
  }

  private Optional<Keys> find(Join join) {
    RelationTable right = Origin.leftmost(join.getRight());
    SqlParserPos position = positions.getOrDefault(join, SqlParserPos.ZERO);
    if (right.relation().isKeyless()) {
      refusals.add(
          position,
          "the join does not say which row of '" + right.relation().name() + "' it means",
          "the table has no key: name columns that tell its rows apart, source.tables."
              + right.relation().name()
              + ".key, and join on them");
      return Optional.empty();
    }
    List<Schema.Field> key = right.relation().key().getFields();
    RexNode[] foreignKey = new RexNode[key.size()];
    RelDataType[] types = new RelDataType[key.size()];
    List<RexNode> remaining = new ArrayList<>();
    for (RexNode condition : RelOptUtil.conjunctions(join.getCondition())) {
      int place = match(join, condition, key, foreignKey, types);
      if (place < 0) {
        remaining.add(condition);
      }
    }
    constants(join.getRight(), key, foreignKey, types);
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < foreignKey.length; i++) {
      if (foreignKey[i] == null) {
        missing.add(key.get(i).name());
      }
    }
    String name = right.relation().name();
    if (!missing.isEmpty()) {
      refusals.add(
          position,
          "the join does not say which "
              + String.join(", ", missing)
              + " of '"
              + name
              + "' it means",
          "join on the whole primary key of the right table, with = and of the same type: "
              + key.stream().map(field -> name + "." + field.name() + " = …").toList());
      return Optional.empty();
    }
    if (join.getJoinType() == JoinRelType.LEFT && !remaining.isEmpty()) {
      refusals.add(
          position,
          "a LEFT JOIN has a condition on its left side",
          "make the condition part of the SELECT: CASE WHEN condition THEN right.column END");
      return Optional.empty();
    }
    return Optional.of(new Keys(List.of(foreignKey), List.of(types), remaining));
  }

  /** Takes a condition that says what a key column equals; the column's place, or -1. */
  private static int match(
      Join join,
      RexNode condition,
      List<Schema.Field> key,
      RexNode[] foreignKey,
      RelDataType[] types) {
    if (!(condition instanceof RexCall call) || call.getKind() != SqlKind.EQUALS) {
      return -1;
    }
    for (int side = 0; side < 2; side++) {
      RexNode right = Expressions.withoutIdleCasts(call.getOperands().get(side));
      RexNode left = call.getOperands().get(1 - side);
      int place = keyColumn(join, right, key);
      if (place >= 0
          && foreignKey[place] == null
          && isLeft(join, left)
          && isAssignable(left.getType(), right.getType())) {
        foreignKey[place] = left;
        types[place] = right.getType();
        return place;
      }
    }
    return -1;
  }

  /** Takes {@code key column = literal}, which by now is a filter of the keyed relation. */
  private static void constants(
      RelNode right, List<Schema.Field> key, RexNode[] foreignKey, RelDataType[] types) {
    if (right instanceof Filter filter) {
      for (RexNode condition : RelOptUtil.conjunctions(filter.getCondition())) {
        constant(filter.getInput(), condition, key, foreignKey, types);
      }
    }
    if (!right.getInputs().isEmpty()) {
      constants(right.getInput(0), key, foreignKey, types);
    }
  }

  private static void constant(
      RelNode filtered,
      RexNode condition,
      List<Schema.Field> key,
      RexNode[] foreignKey,
      RelDataType[] types) {
    if (!(condition instanceof RexCall call) || call.getKind() != SqlKind.EQUALS) {
      return;
    }
    for (int side = 0; side < 2; side++) {
      RexNode column = Expressions.withoutIdleCasts(call.getOperands().get(side));
      RexNode value = call.getOperands().get(1 - side);
      if (column instanceof RexInputRef reference
          && value instanceof RexLiteral
          && isAssignable(value.getType(), column.getType())) {
        int place = keyColumn(Origin.of(filtered, reference.getIndex()), key);
        if (place >= 0 && foreignKey[place] == null) {
          foreignKey[place] = value;
          types[place] = column.getType();
        }
      }
    }
  }

  private static int keyColumn(Join join, RexNode expression, List<Schema.Field> key) {
    int left = join.getLeft().getRowType().getFieldCount();
    if (!(expression instanceof RexInputRef reference) || reference.getIndex() < left) {
      return -1;
    }
    return keyColumn(Origin.of(join.getRight(), reference.getIndex() - left), key);
  }

  private static int keyColumn(Optional<Origin> origin, List<Schema.Field> key) {
    if (origin.isEmpty() || !origin.get().leftmost()) {
      return -1;
    }
    for (int i = 0; i < key.size(); i++) {
      if (key.get(i).name().equals(origin.get().name())) {
        return i;
      }
    }
    return -1;
  }

  private static boolean isLeft(Join join, RexNode expression) {
    int left = join.getLeft().getRowType().getFieldCount();
    return ImmutableBitSet.range(left).contains(RelOptUtil.InputFinder.bits(expression));
  }

  /** Whether equal values of the two types are the same key, and every value of one fits. */
  private static boolean isAssignable(RelDataType left, RelDataType right) {
    return Expressions.isSameValue(left, right)
        || (left.getSqlTypeName() == SqlTypeName.INTEGER
            && right.getSqlTypeName() == SqlTypeName.BIGINT);
  }
}

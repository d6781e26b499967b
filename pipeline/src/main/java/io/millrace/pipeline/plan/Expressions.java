package io.millrace.pipeline.plan;

import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.type.SqlTypeName;

/** Questions about expressions of a relational plan. */
final class Expressions {
  private Expressions() {}

  /** Whether every value of one type is the same value of the other: a cast changes nothing. */
  static boolean isSameValue(RelDataType from, RelDataType to) {
    if (ValueKind.of(from) != ValueKind.of(to)) {
      return false;
    }
    if (ValueKind.of(from) != ValueKind.NUMBER) {
      return true;
    }
    return from.getSqlTypeName() == to.getSqlTypeName()
        && (from.getSqlTypeName() != SqlTypeName.DECIMAL
            || (from.getScale() == to.getScale() && from.getPrecision() <= to.getPrecision()));
  }

  /** The expression inside casts that change nothing (Calcite casts to add or drop NOT NULL). */
  static RexNode withoutIdleCasts(RexNode expression) {
    return expression instanceof RexCall cast
            && cast.getKind() == SqlKind.CAST
            && isSameValue(cast.getOperands().getFirst().getType(), cast.getType())
        ? withoutIdleCasts(cast.getOperands().getFirst())
        : expression;
  }
}

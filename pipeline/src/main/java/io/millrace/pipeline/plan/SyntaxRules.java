package io.millrace.pipeline.plan;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.calcite.sql.JoinConditionType;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlDataTypeSpec;
import org.apache.calcite.sql.SqlDynamicParam;
import org.apache.calcite.sql.SqlIntervalQualifier;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlOrderBy;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlBasicVisitor;
import org.jspecify.annotations.Nullable;

/**
 * What of SQL a view may say, as far as the SQL alone tells. The list is of what is allowed:
 * whatever is not on it is refused.
 */
final class SyntaxRules extends SqlBasicVisitor<@Nullable Void> {
  private static final Set<SqlKind> OPERATORS =
      Set.of(
          SqlKind.AS,
          SqlKind.EQUALS,
          SqlKind.NOT_EQUALS,
          SqlKind.LESS_THAN,
          SqlKind.LESS_THAN_OR_EQUAL,
          SqlKind.GREATER_THAN,
          SqlKind.GREATER_THAN_OR_EQUAL,
          SqlKind.IS_DISTINCT_FROM,
          SqlKind.IS_NOT_DISTINCT_FROM,
          SqlKind.AND,
          SqlKind.OR,
          SqlKind.NOT,
          SqlKind.IS_NULL,
          SqlKind.IS_NOT_NULL,
          SqlKind.IS_TRUE,
          SqlKind.IS_NOT_TRUE,
          SqlKind.IS_FALSE,
          SqlKind.IS_NOT_FALSE,
          SqlKind.PLUS,
          SqlKind.MINUS,
          SqlKind.TIMES,
          SqlKind.DIVIDE,
          SqlKind.MOD,
          SqlKind.PLUS_PREFIX,
          SqlKind.MINUS_PREFIX,
          SqlKind.CASE,
          SqlKind.CAST,
          SqlKind.IN,
          SqlKind.NOT_IN,
          SqlKind.BETWEEN,
          SqlKind.LIKE,
          SqlKind.TRIM);
  private static final Set<String> FUNCTIONS =
      Set.of(
          "||",
          "UPPER",
          "LOWER",
          "TRIM",
          "CHAR_LENGTH",
          "CHARACTER_LENGTH",
          "SUBSTRING",
          "COALESCE",
          "NULLIF",
          "MOD",
          "ABS");
  private static final Set<String> AGGREGATES = Set.of("SUM", "COUNT", "AVG");

  private static final String CLOCK =
      "a view must not depend on when it is computed: compare when you query the lake";
  private static final String AT_QUERY = "compute it when you query the lake";
  private static final Map<String, String> INSTEAD =
      Map.ofEntries(
          Map.entry("NOW", CLOCK),
          Map.entry("CURRENT_TIMESTAMP", CLOCK),
          Map.entry("CURRENT_DATE", CLOCK),
          Map.entry("LOCALTIMESTAMP", CLOCK),
          Map.entry("LENGTH", "write CHAR_LENGTH"),
          Map.entry("SUBSTR", "write SUBSTRING(text FROM start FOR length)"),
          Map.entry("CONCAT", "write a || b, with COALESCE(a, '') where it may be null"),
          Map.entry("IFNULL", "write COALESCE"),
          Map.entry("NVL", "write COALESCE"),
          Map.entry("ISNULL", "write IS NULL"),
          Map.entry("ILIKE", "write LOWER(text) LIKE 'pattern'"),
          Map.entry("MIN", "use SUM, COUNT or AVG: MIN and MAX are not yet kept up under deletes"),
          Map.entry("MAX", "use SUM, COUNT or AVG: MIN and MAX are not yet kept up under deletes"),
          Map.entry("DATE_TRUNC", "group by a TUMBLE window, or " + AT_QUERY),
          Map.entry("DATE_BIN", "group by a TUMBLE window, or " + AT_QUERY),
          Map.entry("EXTRACT", "group by a TUMBLE window, or " + AT_QUERY),
          Map.entry(
              "TUMBLE", "read FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(c), INTERVAL '1' MINUTE))"),
          Map.entry("TUMBLE_START", "read FROM TABLE(TUMBLE(…)), and write window_start"),
          Map.entry("TUMBLE_END", "read FROM TABLE(TUMBLE(…)), and write window_end"),
          Map.entry("HOP", "TUMBLE is the only window yet"),
          Map.entry("SESSION", "TUMBLE is the only window yet"));

  private final boolean aggregate;
  private final Refusals refusals;

  SyntaxRules(boolean aggregate, Refusals refusals) {
    this.aggregate = aggregate;
    this.refusals = refusals;
  }

  /** The SELECT that a view must be; empty, and refused, if it is something around or beside. */
  static Optional<SqlSelect> select(SqlNode query, Refusals refusals) {
    return switch (query) {
      case SqlSelect select -> Optional.of(select);
      case SqlOrderBy ordered -> {
        refusals.add(
            (ordered.orderList.isEmpty() ? ordered : ordered.orderList).getParserPosition(),
            "ORDER BY, LIMIT, OFFSET and FETCH are not supported",
            "remove them: a lake table has no order; order and limit when you query the lake");
        yield select(ordered.query, refusals);
      }
      default -> {
        refusals.add(
            query.getParserPosition(),
            query.getKind().sql + " is not supported",
            switch (query.getKind()) {
              case WITH -> "make each WITH query an enriched view of its own, and read from that";
              case UNION, INTERSECT, EXCEPT ->
                  "make one view of each side, and combine them when you query the lake";
              default -> "write SELECT … FROM …";
            });
        yield Optional.empty();
      }
    };
  }

  void check(SqlSelect select) {
    if (select.isDistinct()) {
      refuse(select, "SELECT DISTINCT", "GROUP BY the columns in a view under 'aggregate'");
    }
    if (!select.getWindowList().isEmpty()) {
      refuse(select.getWindowList(), "WINDOW", "group by a TUMBLE window, or " + AT_QUERY);
    }
    if (select.getQualify() != null) {
      refuse(select.getQualify(), "QUALIFY", AT_QUERY);
    }
    checkGrouping(select);
    from(select.getFrom());
    expressions(select.getSelectList());
    expressions(select.getWhere());
    expressions(select.getGroup());
    expressions(select.getHaving());
  }

  private void checkGrouping(SqlSelect select) {
    SqlNodeList group = select.getGroup();
    if (aggregate && (group == null || group.isEmpty())) {
      refusals.add(
          select.getParserPosition(),
          "a view under 'aggregate' has no GROUP BY",
          "add GROUP BY, or move the view under 'enrich'");
    } else if (!aggregate && group != null) {
      refusals.add(
          group.getParserPosition(),
          "a view under 'enrich' has a GROUP BY",
          "move the view under 'aggregate'");
    }
  }

  private void from(SqlNode from) {
    if (from instanceof SqlJoin join) {
      join(join);
      from(join.getLeft());
      from(join.getRight());
    }
  }

  private void join(SqlJoin join) {
    SqlParserPos position = join.getRight().getParserPosition();
    if (aggregate) {
      refusals.add(
          position,
          "a view under 'aggregate' has a join",
          "make the join a view under 'enrich', and aggregate that");
      return;
    }
    switch (join.getJoinType()) {
      case INNER, LEFT, COMMA -> {}
      case CROSS ->
          refusals.add(
              position,
              "CROSS JOIN is not supported",
              "write JOIN … ON the right table's primary key");
      case RIGHT ->
          refusals.add(
              position, "RIGHT JOIN is not supported", "swap the tables and write LEFT JOIN");
      default ->
          refusals.add(
              position,
              join.getJoinType() + " JOIN is not supported",
              "write JOIN or LEFT JOIN … ON the right table's primary key");
    }
    if (join.getRight() instanceof SqlJoin) {
      refusals.add(
          position,
          "a join stands on the right side of a join",
          "write the joins one after another, each with its ON, without parentheses");
    }
    if (join.isNatural() || join.getConditionType() == JoinConditionType.USING) {
      refusals.add(
          position,
          join.isNatural() ? "NATURAL JOIN is not supported" : "USING is not supported",
          "write the condition out: ON left.column = right.column");
    } else {
      expressions(join.getCondition());
    }
  }

  private void expressions(@Nullable SqlNode node) {
    if (node != null) {
      node.accept(this);
    }
  }

  @Override
  public @Nullable Void visit(SqlNodeList nodes) {
    nodes.forEach(this::expressions);
    return null;
  }

  @Override
  public @Nullable Void visit(SqlLiteral literal) {
    Literals.problem(literal)
        .ifPresent(
            problem -> refusals.add(literal.getParserPosition(), problem.what(), problem.remedy()));
    return null;
  }

  @Override
  public @Nullable Void visit(SqlDynamicParam parameter) {
    refuse(parameter, "a parameter", "write the value itself");
    return null;
  }

  @Override
  public @Nullable Void visit(SqlIntervalQualifier interval) {
    return null;
  }

  @Override
  public @Nullable Void visit(SqlDataTypeSpec type) {
    if (!Casts.isSupported(type)) {
      refusals.add(
          type.getParserPosition(),
          "a cast to " + type + " is not supported",
          "cast to INTEGER, BIGINT, DECIMAL(precision, scale) or VARCHAR");
    }
    return null;
  }

  @Override
  public @Nullable Void visit(SqlCall call) {
    String name = name(call);
    switch (call.getKind()) {
      case SELECT, ORDER_BY, WITH, UNION, INTERSECT, EXCEPT, VALUES, SCALAR_QUERY, EXISTS ->
          refuse(call, "a subquery", "make it a view under 'enrich', and join that");
      case SOME, ALL -> refuse(call, name, "write IN (…) or NOT IN (…) with a list of values");
      case OVER -> refuse(call, "a window function", "group by a TUMBLE window, or " + AT_QUERY);
      case FILTER ->
          refuse(call, "FILTER", "write the condition inside: SUM(CASE WHEN … THEN … END)");
      case WITHIN_GROUP, WITHIN_DISTINCT, RESPECT_NULLS, IGNORE_NULLS ->
          refuse(call, call.getKind().sql, "use SUM, COUNT or AVG");
      case ROLLUP, CUBE, GROUPING_SETS ->
          refuse(call, call.getKind().sql, "make one view of each grouping");
      case CASE -> operands(call);
      default -> {
        if (AGGREGATES.contains(name)) {
          aggregateCall(call, name);
        } else if (isSupported(call)) {
          operands(call);
        } else {
          refuse(call, name, instead(name));
        }
      }
    }
    return null;
  }

  /** Whether a view may use the operator or function, apart from what it is applied to. */
  static boolean isSupported(SqlCall call) {
    String name = name(call);
    return call.getKind() == SqlKind.LIKE
        ? name.equals("LIKE") || name.equals("NOT LIKE")
        : OPERATORS.contains(call.getKind())
            || FUNCTIONS.contains(name)
            || AGGREGATES.contains(name);
  }

  static String name(SqlCall call) {
    return call.getOperator().getName().toUpperCase(Locale.ROOT).replace("$", "");
  }

  /** What to write in place of a function. */
  static String instead(String name) {
    return INSTEAD.getOrDefault(name, AT_QUERY);
  }

  private void aggregateCall(SqlCall call, String name) {
    if (!aggregate) {
      refusals.add(
          call.getParserPosition(),
          name + " in a view under 'enrich'",
          "move the view under 'aggregate' and add GROUP BY");
    } else if (call.getFunctionQuantifier() != null) {
      refuse(
          call,
          name + "(" + call.getFunctionQuantifier() + " …)",
          "group by the column in one view, and count that view's rows when you query the lake");
    } else if (call.operandCount() != 1) {
      refuse(call, name + " of " + call.operandCount() + " columns", "give it one column");
    } else {
      operands(call);
    }
  }

  private void operands(SqlCall call) {
    for (SqlNode operand : call.getOperandList()) {
      expressions(operand);
    }
  }

  private void refuse(SqlNode node, String what, String remedy) {
    refusals.add(node.getParserPosition(), what + " is not supported", remedy);
  }
}

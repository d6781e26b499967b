package io.millrace.pipeline.plan;

import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlCharStringLiteral;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlUtil;
import org.apache.calcite.sql.fun.SqlInternalOperators;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.util.SqlBasicVisitor;
import org.apache.calcite.sql.validate.SqlValidator;
import org.jspecify.annotations.Nullable;

/**
 * What of SQL a view may say about values of which types: where Calcite and PostgreSQL would differ
 * on a value, the expression is refused.
 */
final class TypeRules extends SqlBasicVisitor<@Nullable Void> {
  private final SqlValidator validator;
  private final Refusals refusals;

  TypeRules(SqlValidator validator, Refusals refusals) {
    this.validator = validator;
    this.refusals = refusals;
  }

  /** Checks every expression of a validated query. */
  void check(SqlSelect select) {
    for (SqlNode clause : List.of(select.getSelectList(), select.getFrom())) {
      clause.accept(this);
    }
    if (select.getWhere() != null) {
      select.getWhere().accept(this);
    }
    if (select.getHaving() != null) {
      select.getHaving().accept(this);
    }
    SqlNodeList group = select.getGroup();
    if (group != null) {
      group.forEach(this::checkGroup);
    }
  }

  private void checkGroup(SqlNode group) {
    group.accept(this);
    if (kind(group) == ValueKind.JSONB) {
      refuse(
          group,
          "GROUP BY of jsonb is not supported",
          "group by a column of another type: equal jsonb values can be written differently");
    }
  }

  @Override
  public @Nullable Void visit(SqlCall call) {
    switch (call.getKind()) {
      case EQUALS,
          NOT_EQUALS,
          LESS_THAN,
          LESS_THAN_OR_EQUAL,
          GREATER_THAN,
          GREATER_THAN_OR_EQUAL,
          IS_DISTINCT_FROM,
          IS_NOT_DISTINCT_FROM ->
          comparison(call, call.operand(0), call.operand(1));
      case PLUS, MINUS, TIMES, MOD, PLUS_PREFIX, MINUS_PREFIX -> arithmetic(call);
      case DIVIDE -> division(call);
      case CAST -> cast(call);
      case LIKE -> like(call);
      case TRIM -> trim(call);
      case SUM, AVG -> numbers(call, call.getOperandList());
      case NULLIF -> comparison(call, call.operand(0), call.operand(1));
      case CASE, AND, OR, NOT, AS, JOIN, COUNT -> {}
      default -> {
        if (SyntaxRules.isSupported(call)) {
          function(call);
        } else if (!call.getOperator().equals(SqlInternalOperators.CAST_NOT_NULL)) {
          // What is excepted is Calcite's own, in the CASE that it makes of COALESCE.
          String name = SyntaxRules.name(call);
          refuse(call, name + " is not supported", SyntaxRules.instead(name));
        }
      }
    }
    return super.visit(call);
  }

  private void comparison(SqlCall call, SqlNode left, SqlNode right) {
    ValueKind a = kind(left);
    ValueKind b = kind(right);
    if (SqlUtil.isNullLiteral(left, false) || SqlUtil.isNullLiteral(right, false)) {
      refuse(call, "a comparison with NULL is never true", "write IS NULL or IS NOT NULL");
    } else if (a != b) {
      refuse(
          call,
          a.description() + " is compared with " + b.description(),
          a == ValueKind.TIMESTAMPTZ || b == ValueKind.TIMESTAMPTZ
              ? "compare instants with TIMESTAMP WITH TIME ZONE '2026-01-31 23:59:59 UTC'"
              : "compare values of one type: CAST one of them");
    } else if (a == ValueKind.JSONB || a == ValueKind.BYTES || a == ValueKind.OTHER) {
      refuse(call, a.description() + " cannot be compared", "compare another column");
    } else if (a == ValueKind.TEXT && isOrdering(call.getKind())) {
      refuse(
          call,
          "the order of texts depends on the database's collation",
          "compare texts with = or <>, IN or LIKE");
    }
  }

  private static boolean isOrdering(SqlKind kind) {
    return switch (kind) {
      case LESS_THAN, LESS_THAN_OR_EQUAL, GREATER_THAN, GREATER_THAN_OR_EQUAL -> true;
      default -> false;
    };
  }

  private void arithmetic(SqlCall call) {
    numbers(call, call.getOperandList());
    if (call.getKind() == SqlKind.TIMES && scale(call.operand(0)) + scale(call.operand(1)) > 38) {
      refuse(
          call,
          "the product has more than 38 digits after the point",
          "CAST a factor to a DECIMAL of fewer digits");
    }
  }

  private int scale(SqlNode node) {
    RelDataType type = type(node);
    return type.getSqlTypeName() == SqlTypeName.DECIMAL ? type.getScale() : 0;
  }

  private void division(SqlCall call) {
    numbers(call, call.getOperandList());
    for (SqlNode operand : call.getOperandList()) {
      if (type(operand).getSqlTypeName() == SqlTypeName.DECIMAL) {
        refuse(
            call,
            "only whole numbers can be divided: databases round other quotients differently",
            "keep both as columns, and divide when you query the lake");
        return;
      }
    }
  }

  private void numbers(SqlCall call, List<SqlNode> operands) {
    for (SqlNode operand : operands) {
      if (kind(operand) != ValueKind.NUMBER) {
        refuse(
            call,
            SyntaxRules.name(call) + " of " + kind(operand).description() + " is not supported",
            "give it numbers");
        return;
      }
    }
  }

  private void cast(SqlCall call) {
    RelDataType from = type(call.operand(0));
    RelDataType to = type(call);
    if (!Casts.isSupported(from, to)) {
      refuse(
          call,
          "a cast of " + ValueKind.of(from).description() + " to " + to + " is not supported",
          "cast when you query the lake");
    }
  }

  private void like(SqlCall call) {
    texts(call, call.getOperandList());
    if (!(call.operand(1) instanceof SqlCharStringLiteral pattern)
        || (call.operandCount() > 2 && !(call.operand(2) instanceof SqlCharStringLiteral))) {
      refuse(call, "a pattern must be a literal", "write LIKE 'pattern'");
      return;
    }
    String escape = call.operandCount() > 2 ? text(call.operand(2)) : "\\";
    try {
      SqlOperations.pattern(text(pattern), escape);
    } catch (IllegalArgumentException e) {
      refuse(
          call,
          String.valueOf(e.getMessage()),
          "escape %, _ and the escape character alone, each by one");
    }
  }

  private void trim(SqlCall call) {
    SqlNode characters = call.operand(1);
    if (!(characters instanceof SqlCharStringLiteral literal)
        || text(literal).codePointCount(0, text(literal).length()) != 1) {
      refuse(call, "TRIM takes one character, as a literal", "write TRIM(BOTH ' ' FROM text)");
    }
    texts(call, List.of(call.operand(2)));
  }

  static String text(SqlLiteral literal) {
    return literal.getValueAs(String.class);
  }

  private void function(SqlCall call) {
    switch (SyntaxRules.name(call)) {
      case "||", "UPPER", "LOWER", "CHAR_LENGTH", "CHARACTER_LENGTH" ->
          texts(call, call.getOperandList());
      case "ABS" -> numbers(call, call.getOperandList());
      case "SUBSTRING" -> {
        texts(call, List.of(call.operand(0)));
        for (SqlNode place : call.getOperandList().subList(1, call.operandCount())) {
          if (type(place).getSqlTypeName() != SqlTypeName.INTEGER) {
            refuse(call, "SUBSTRING takes places as INTEGER", "CAST them to INTEGER");
          }
        }
      }
      default -> {}
    }
  }

  private void texts(SqlCall call, List<SqlNode> operands) {
    for (SqlNode operand : operands) {
      if (kind(operand) != ValueKind.TEXT) {
        refuse(
            call,
            SyntaxRules.name(call) + " of " + kind(operand).description() + " is not supported",
            "give it text: CAST(value AS VARCHAR) where that is supported");
        return;
      }
    }
  }

  private ValueKind kind(SqlNode node) {
    return ValueKind.of(type(node));
  }

  private RelDataType type(SqlNode node) {
    if (node instanceof SqlBasicCall as && as.getKind() == SqlKind.AS) {
      return type(as.operand(0));
    }
    return validator.getValidatedNodeType(node);
  }

  private void refuse(SqlNode node, String problem, String remedy) {
    refusals.add(node.getParserPosition(), problem, remedy);
  }
}

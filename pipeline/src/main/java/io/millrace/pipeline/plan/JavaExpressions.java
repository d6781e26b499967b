package io.millrace.pipeline.plan;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.IntUnaryOperator;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.fun.SqlTrimFunction;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.util.DateString;
import org.apache.calcite.util.NlsString;
import org.apache.calcite.util.TimestampString;
import org.apache.calcite.util.TimestampWithTimeZoneString;

/**
 * Writes Java for expressions. Times stay the microseconds that they are in rows: Calcite's own
 * code generator would make them milliseconds.
 *
 * <p>Each {@code emit} appends statements and returns the variable that holds the value, boxed. So
 * that AND, OR and CASE evaluate no more than they must: {@code b <> 0 AND a / b > 1} is safe.
 */
final class JavaExpressions {
  private static final String OPERATIONS = SqlOperations.class.getName() + ".";

  private final IntUnaryOperator positions;
  private final List<String> constants;
  private final StringBuilder code = new StringBuilder();
  private int variables;

  /**
   * A writer of one method's body.
   *
   * @param positions from a field that expressions name to its place in the array {@code in}
   * @param constants declarations of static fields, to which it adds
   */
  JavaExpressions(IntUnaryOperator positions, List<String> constants) {
    this.positions = positions;
    this.constants = constants;
  }

  /** The statements written so far. */
  String code() {
    return code.toString();
  }

  /** Writes an expression whose value has {@code type} to the last digit: a column. */
  String emitColumn(RexNode node, RelDataType type) {
    String value = emit(node, type);
    return JavaType.of(type) == JavaType.DECIMAL
        ? operation(
            JavaType.DECIMAL, "decimal", value, "" + type.getPrecision(), "" + type.getScale())
        : value;
  }

  private String emit(RexNode node, RelDataType type) {
    if (node.getType().getSqlTypeName() == SqlTypeName.NULL) {
      return assign(JavaType.of(type), "null");
    }
    return convert(emit(node), node.getType(), type);
  }

  private String emit(RexNode node) {
    return switch (node) {
      case RexInputRef reference -> {
        JavaType type = JavaType.of(reference.getType());
        int position = positions.applyAsInt(reference.getIndex());
        yield assign(type, "(" + type.className() + ") in[" + position + "]");
      }
      case RexLiteral literal -> literal(literal);
      case RexCall call -> call(call);
      default -> throw unsupported(node);
    };
  }

  private static IllegalStateException unsupported(RexNode node) {
    return new IllegalStateException("an expression passed the checks that cannot run: " + node);
  }

  private String assign(JavaType type, String value) {
    String variable = "v" + variables++;
    code.append(type.className() + " " + variable + " = " + value + ";\n");
    return variable;
  }

  private String literal(RexLiteral literal) {
    JavaType type = JavaType.of(literal.getType());
    if (literal.isNull()) {
      return assign(type, "null");
    }
    return switch (literal.getType().getSqlTypeName()) {
      case INTEGER -> constant(type, "Integer.valueOf(" + number(literal).intValueExact() + ")");
      case BIGINT -> constant(type, "Long.valueOf(" + number(literal).longValueExact() + "L)");
      case DECIMAL ->
          constant(
              type,
              "new java.math.BigDecimal(\""
                  + number(literal).setScale(literal.getType().getScale()).toPlainString()
                  + "\")");
      case BOOLEAN -> constant(type, "Boolean." + (isTrue(literal) ? "TRUE" : "FALSE"));
      case CHAR, VARCHAR -> constant(type, quote(text(literal)));
      case UUID -> constant(type, quote(literal.getValueAs(UUID.class).toString()));
      case DATE -> constant(type, "Integer.valueOf(" + Literals.date(written(literal)) + ")");
      case TIMESTAMP, TIMESTAMP_TZ ->
          constant(type, "Long.valueOf(" + Literals.micros(written(literal)) + "L)");
      default -> throw unsupported(literal);
    };
  }

  private static BigDecimal number(RexLiteral literal) {
    return literal.getValueAs(BigDecimal.class);
  }

  private static boolean isTrue(RexLiteral literal) {
    return literal.getValueAs(Boolean.class);
  }

  private static String text(RexNode literal) {
    return ((RexLiteral) literal).getValueAs(NlsString.class).getValue();
  }

  /** A date or time as text. Calcite's other forms of it have milliseconds. */
  private static String written(RexLiteral literal) {
    Class<?> form =
        switch (literal.getType().getSqlTypeName()) {
          case DATE -> DateString.class;
          case TIMESTAMP -> TimestampString.class;
          default -> TimestampWithTimeZoneString.class;
        };
    return String.valueOf(literal.getValueAs(form));
  }

  private String constant(JavaType type, String value) {
    String name = "C" + constants.size();
    constants.add("private static final " + type.className() + " " + name + " = " + value + ";\n");
    return name;
  }

  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c == '"' || c == '\\') {
        quoted.append(String.format(Locale.ROOT, "\\%03o", (int) c));
      } else {
        quoted.append(c < 0x7f ? c : String.format(Locale.ROOT, "\\u%04x", (int) c));
      }
    }
    return quoted.append('"').toString();
  }

  private String call(RexCall call) {
    return switch (call.getKind()) {
      case EQUALS -> comparison("equal", call, 0, 1);
      case NOT_EQUALS -> comparison("notEqual", call, 0, 1);
      case LESS_THAN -> comparison("less", call, 0, 1);
      case LESS_THAN_OR_EQUAL -> comparison("lessOrEqual", call, 0, 1);
      case GREATER_THAN -> comparison("less", call, 1, 0);
      case GREATER_THAN_OR_EQUAL -> comparison("lessOrEqual", call, 1, 0);
      case IS_NOT_DISTINCT_FROM -> comparison("same", call, 0, 1);
      case IS_DISTINCT_FROM -> operation(JavaType.BOOLEAN, "not", comparison("same", call, 0, 1));
      case AND, OR -> junction(call);
      case NOT -> operation(JavaType.BOOLEAN, "not", emit(operand(call, 0)));
      case IS_NULL -> test(call, " == null");
      case IS_NOT_NULL -> test(call, " != null");
      case IS_TRUE -> truth(call, "TRUE", false);
      case IS_FALSE -> truth(call, "FALSE", false);
      case IS_NOT_TRUE -> truth(call, "TRUE", true);
      case IS_NOT_FALSE -> truth(call, "FALSE", true);
      case PLUS -> arithmetic("plus", call);
      case MINUS -> arithmetic("minus", call);
      case TIMES -> arithmetic("times", call);
      case DIVIDE -> arithmetic("divide", call);
      case MOD -> mod(call);
      case MINUS_PREFIX -> arithmetic("negate", call);
      case PLUS_PREFIX -> emit(operand(call, 0));
      case CASE -> cases(call);
      case COALESCE -> coalesce(call);
      case CAST -> emit(operand(call, 0), call.getType());
      case LIKE -> like(call);
      case TRIM -> trim(call);
      default -> function(call);
    };
  }

  private static RexNode operand(RexCall call, int index) {
    return call.getOperands().get(index);
  }

  private String operation(JavaType result, String name, String... arguments) {
    return assign(result, OPERATIONS + name + "(" + String.join(", ", arguments) + ")");
  }

  private String comparison(String name, RexCall call, int left, int right) {
    RexNode a = operand(call, left);
    RexNode b = operand(call, right);
    JavaType type = JavaType.of(a.getType());
    JavaType other = JavaType.of(b.getType());
    if (type.isNumber() && other.isNumber()) {
      type = type.compareTo(other) < 0 ? other : type;
    }
    return operation(
        JavaType.BOOLEAN,
        name,
        widen(emit(a), a.getType(), type),
        widen(emit(b), b.getType(), type));
  }

  /** Writes a condition. */
  String emitCondition(RexNode node) {
    return emit(node);
  }

  /** Three-valued AND and OR; what follows the operand that decides is not evaluated. */
  private String junction(RexCall call) {
    boolean and = call.getKind() == SqlKind.AND;
    String decisive = and ? "Boolean.FALSE" : "Boolean.TRUE";
    String neutral = and ? "Boolean.TRUE" : "Boolean.FALSE";
    String result = assign(JavaType.BOOLEAN, neutral);
    for (RexNode operand : call.getOperands()) {
      code.append("if (" + result + " != " + decisive + ") {\n");
      String value = emit(operand);
      code.append(
          "if (%s == null) { %s = null; } else if (%s.booleanValue() == %s.booleanValue()) { %s = %s; }\n}\n"
              .formatted(value, result, value, decisive, result, decisive));
    }
    return result;
  }

  private String test(RexCall call, String condition) {
    String value = emit(operand(call, 0));
    return assign(JavaType.BOOLEAN, "Boolean.valueOf(" + value + condition + ")");
  }

  private String truth(RexCall call, String constant, boolean negated) {
    String value = emit(operand(call, 0));
    return assign(
        JavaType.BOOLEAN,
        "Boolean.valueOf(%sBoolean.%s.equals(%s))".formatted(negated ? "!" : "", constant, value));
  }

  private String arithmetic(String name, RexCall call) {
    JavaType type = JavaType.of(call.getType());
    String[] arguments =
        call.getOperands().stream()
            .map(operand -> widen(emit(operand), operand.getType(), type))
            .toArray(String[]::new);
    return operation(type, name, arguments);
  }

  /** SQL gives a remainder the type of its divisor, which can be narrower than the dividend's. */
  private String mod(RexCall call) {
    RexNode a = operand(call, 0);
    RexNode b = operand(call, 1);
    JavaType left = JavaType.of(a.getType());
    JavaType right = JavaType.of(b.getType());
    JavaType wider = left.compareTo(right) < 0 ? right : left;
    String remainder =
        operation(
            wider, "mod", widen(emit(a), a.getType(), wider), widen(emit(b), b.getType(), wider));
    JavaType result = JavaType.of(call.getType());
    return result.compareTo(wider) < 0
        ? operation(result, result == JavaType.INTEGER ? "toInteger" : "toLong", remainder)
        : widenTo(remainder, wider, result);
  }

  private String cases(RexCall call) {
    List<RexNode> operands = call.getOperands();
    JavaType type = JavaType.of(call.getType());
    String result = assign(type, "null");
    int branches = 0;
    for (int i = 0; i + 1 < operands.size(); i += 2) {
      String condition = emit(operands.get(i));
      code.append("if (Boolean.TRUE.equals(" + condition + ")) {\n");
      code.append(result + " = " + emit(operands.get(i + 1), call.getType()) + ";\n} else {\n");
      branches++;
    }
    code.append(result + " = " + emit(operands.getLast(), call.getType()) + ";\n");
    code.append("}\n".repeat(branches));
    return result;
  }

  private String coalesce(RexCall call) {
    String result = assign(JavaType.of(call.getType()), "null");
    for (RexNode operand : call.getOperands()) {
      code.append("if (" + result + " == null) {\n");
      code.append(result + " = " + emit(operand, call.getType()) + ";\n}\n");
    }
    return result;
  }

  private String like(RexCall call) {
    String escape = call.getOperands().size() > 2 ? text(operand(call, 2)) : "\\";
    String pattern = "C" + constants.size();
    constants.add(
        "private static final java.util.regex.Pattern %s = %spattern(%s, %s);\n"
            .formatted(pattern, OPERATIONS, quote(text(operand(call, 1))), quote(escape)));
    return operation(JavaType.BOOLEAN, "like", emit(operand(call, 0)), pattern);
  }

  private String trim(RexCall call) {
    SqlTrimFunction.Flag flag =
        ((RexLiteral) operand(call, 0)).getValueAs(SqlTrimFunction.Flag.class);
    return operation(
        JavaType.STRING,
        "trim",
        emit(operand(call, 2)),
        quote(text(operand(call, 1))),
        String.valueOf(flag.getLeft() == 1),
        String.valueOf(flag.getRight() == 1));
  }

  private String function(RexCall call) {
    JavaType result = JavaType.of(call.getType());
    String name =
        switch (call.getOperator().getName().toUpperCase(Locale.ROOT)) {
          case "||" -> "concat";
          case "UPPER" -> "upper";
          case "LOWER" -> "lower";
          case "CHAR_LENGTH", "CHARACTER_LENGTH" -> "charLength";
          case "SUBSTRING" -> "substring";
          case "ABS" -> "abs";
          default -> throw unsupported(call);
        };
    List<String> arguments = new ArrayList<>();
    for (RexNode operand : call.getOperands()) {
      arguments.add(emit(operand));
    }
    return operation(result, name, arguments.toArray(String[]::new));
  }

  private String widen(String value, RelDataType from, JavaType to) {
    return widenTo(value, JavaType.of(from), to);
  }

  private String widenTo(String value, JavaType from, JavaType to) {
    if (from == to) {
      return value;
    }
    return operation(to, to == JavaType.LONG ? "toLong" : "toDecimal", value);
  }

  /** The value as SQL's CAST makes it. */
  private String convert(String value, RelDataType from, RelDataType to) {
    JavaType source = JavaType.of(from);
    JavaType target = JavaType.of(to);
    if (target == JavaType.DECIMAL) {
      String decimal = widenTo(value, source, target);
      boolean fits =
          source == JavaType.DECIMAL
              && from.getScale() == to.getScale()
              && from.getPrecision() <= to.getPrecision();
      return fits
          ? decimal
          : operation(target, "decimal", decimal, "" + to.getPrecision(), "" + to.getScale());
    }
    if (source == target) {
      return value;
    }
    return switch (target) {
      case INTEGER -> operation(target, "toInteger", value);
      case LONG -> operation(target, "toLong", value);
      case STRING -> operation(target, "text", value);
      default -> throw new IllegalStateException("no cast from " + from + " to " + to);
    };
  }
}

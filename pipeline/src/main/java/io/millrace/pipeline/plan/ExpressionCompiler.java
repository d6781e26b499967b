package io.millrace.pipeline.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.codehaus.commons.compiler.CompileException;
import org.codehaus.janino.SimpleCompiler;

/** Compiles expressions to classes. The classes have no state: any thread may use them. */
final class ExpressionCompiler {
  private static final String PACKAGE = ExpressionCompiler.class.getPackageName();

  /**
   * What becomes of one place of the output.
   *
   * @param expression its value
   * @param type the type that the value must have exactly
   */
  record Column(RexNode expression, RelDataType type) {}

  private final IntUnaryOperator positions;
  private final List<String> constants = new ArrayList<>();

  /** A compiler of expressions whose field {@code f} stands at {@code positions(f)} of a row. */
  ExpressionCompiler(IntUnaryOperator positions) {
    this.positions = positions;
  }

  /**
   * A function to the columns' values, then the values at {@code copied}.
   *
   * @param copied positions in the input
   */
  RowFunction function(List<Column> columns, int... copied) {
    StringBuilder body = new StringBuilder();
    StringBuilder methods = new StringBuilder();
    int place = 0;
    for (Column column : columns) {
      String value;
      if (copied(column) instanceof RexInputRef reference
          && Expressions.isSameValue(reference.getType(), column.type())) {
        value = "in[" + positions.applyAsInt(reference.getIndex()) + "]";
      } else {
        value = "column" + place + "(in)";
        JavaExpressions java = new JavaExpressions(positions, constants);
        String result = java.emitColumn(column.expression(), column.type());
        methods.append(method("Object", "column" + place, java, result));
      }
      body.append("out[" + place++ + "] = " + value + ";\n");
    }
    for (int position : copied) {
      body.append("out[" + place++ + "] = in[" + position + "];\n");
    }
    String apply =
        "public Object[] apply(Object[] in) {\nObject[] out = new Object[%d];\n%sreturn out;\n}\n"
            .formatted(place, body);
    return instance(RowFunction.class, apply + methods);
  }

  /** Whether a condition is true of a row. */
  RowPredicate predicate(RexNode condition) {
    String test =
        "public boolean test(Object[] in) {\nreturn Boolean.TRUE.equals(condition(in));\n}\n";
    JavaExpressions java = new JavaExpressions(positions, constants);
    String result = java.emitCondition(condition);
    return instance(RowPredicate.class, test + method("Boolean", "condition", java, result));
  }

  private static String method(String type, String name, JavaExpressions java, String result) {
    return "private static %s %s(Object[] in) {\n%sreturn %s;\n}\n"
        .formatted(type, name, java.code(), result);
  }

  /** What the column copies unchanged, if that is all that it does. */
  private static RexNode copied(Column column) {
    RexNode inner = Expressions.withoutIdleCasts(column.expression());
    return Expressions.isSameValue(inner.getType(), column.type()) ? inner : column.expression();
  }

  private <T> T instance(Class<T> type, String members) {
    String source =
        "package %s;\npublic final class Compiled implements %s {\n%s%s}\n"
            .formatted(PACKAGE, type.getName(), String.join("", constants), members);
    SimpleCompiler compiler = new SimpleCompiler();
    compiler.setParentClassLoader(ExpressionCompiler.class.getClassLoader());
    try {
      compiler.cook(source);
      return type.cast(
          compiler
              .getClassLoader()
              .loadClass(PACKAGE + ".Compiled")
              .getDeclaredConstructor()
              .newInstance());
    } catch (CompileException | ReflectiveOperationException e) {
      throw new IllegalStateException("cannot compile the expressions of a view:\n" + source, e);
    }
  }
}

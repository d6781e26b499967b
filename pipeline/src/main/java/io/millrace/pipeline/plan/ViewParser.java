package io.millrace.pipeline.plan;

import io.millrace.pipeline.View;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.calcite.avatica.util.Casing;
import org.apache.calcite.avatica.util.Quoting;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.fun.SqlBetweenOperator;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParseException;
import org.apache.calcite.sql.parser.SqlParser;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlShuttle;
import org.jspecify.annotations.Nullable;

/** Parses the SQL of one view, with PostgreSQL's rules for the case of names. */
final class ViewParser {
  private static final SqlParser.Config CONFIG =
      SqlParser.config()
          .withQuoting(Quoting.DOUBLE_QUOTE)
          .withUnquotedCasing(Casing.TO_LOWER)
          .withQuotedCasing(Casing.UNCHANGED)
          .withCaseSensitive(true)
          .withIdentifierMaxLength(128)
          .withConformance(Dialect.INSTANCE);
  private static final Pattern ENCOUNTERED =
      Pattern.compile("Encountered:? \"([^\"]*)\"|Incorrect syntax near the keyword '([^']*)'");
  private static final Pattern PLACE = Pattern.compile("line (\\d+), column (\\d+)");

  private ViewParser() {}

  /** The view's query; empty if it is refused. */
  static Optional<ParsedView> parse(View view, boolean aggregate, Refusals refusals) {
    SqlNode query;
    try {
      query = SqlParser.create(view.sql(), CONFIG).parseQuery();
    } catch (SqlParseException e) {
      refuse(e, refusals);
      return Optional.empty();
    }
    Optional<SqlSelect> select = SyntaxRules.select(query, refusals);
    if (select.isEmpty()) {
      return Optional.empty();
    }
    if (select.get().getFrom() == null) {
      refusals.add(
          select.get().getParserPosition(),
          "a SELECT without FROM is not supported",
          "read from a table or an enriched view");
      return Optional.empty();
    }
    FromClause from = new FromClause(refusals);
    new SyntaxRules(aggregate, refusals).check(select.get());
    SqlNode rewritten = from.rewrite(select.get().getFrom());
    if (!refusals.isEmpty()) {
      return Optional.empty();
    }
    SqlSelect plain = (SqlSelect) select.get().accept(new ComparisonRewriter());
    plain.setFrom(rewritten.accept(new ComparisonRewriter()));
    return Optional.of(new ParsedView(view, aggregate, plain, from.references(), from.tumbles()));
  }

  private static void refuse(SqlParseException e, Refusals refusals) {
    String message = String.valueOf(e.getMessage());
    int line = 1;
    int column = 1;
    Matcher place = PLACE.matcher(message);
    if (e.getPos() != null) {
      line = e.getPos().getLineNum();
      column = e.getPos().getColumnNum();
    } else if (place.find()) {
      line = Integer.parseInt(place.group(1));
      column = Integer.parseInt(place.group(2));
    }
    Matcher encountered = ENCOUNTERED.matcher(message);
    if (!encountered.find()) {
      String problem = message.lines().findFirst().orElse("it is not SQL");
      refusals.add(line, column, problem, "correct the SQL here");
      return;
    }
    String token = encountered.group(1) == null ? encountered.group(2) : encountered.group(1);
    String problem =
        token.equals("<EOF>") ? "the SQL ends too early" : "syntax error at '" + token + "'";
    refusals.add(line, column, problem, remedy(token));
  }

  private static String remedy(String token) {
    return switch (token.isEmpty() ? "" : token.split(" ", 2)[0]) {
      case "<EOF>" -> "complete it: SELECT … FROM …";
      case ";" -> "leave the semicolon out";
      case ":" -> "write a cast as CAST(value AS type)";
      case "$" -> "write the value itself: the environment is not substituted in SQL";
      default -> "correct the SQL here; a name that is also a word of SQL goes in double quotes";
    };
  }

  /**
   * Writes {@code a IN (x, y)} as {@code (a = x OR a = y)}, and BETWEEN as two comparisons. SQL
   * says that they are the same; Calcite would cast x and y to the type of a first, and so round
   * them.
   */
  private static final class ComparisonRewriter extends SqlShuttle {
    @Override
    public @Nullable SqlNode visit(SqlCall call) {
      SqlNode visited = super.visit(call);
      if (visited instanceof SqlBasicCall in
          && (in.getKind() == SqlKind.IN || in.getKind() == SqlKind.NOT_IN)
          && in.operand(1) instanceof SqlNodeList values) {
        return in(in, values, in.getKind() == SqlKind.NOT_IN);
      }
      if (visited instanceof SqlBasicCall between
          && between.getOperator() instanceof SqlBetweenOperator operator) {
        return between(between, operator);
      }
      return visited;
    }

    private static SqlNode in(SqlCall in, SqlNodeList values, boolean negated) {
      SqlOperator comparison =
          negated ? SqlStdOperatorTable.NOT_EQUALS : SqlStdOperatorTable.EQUALS;
      return combine(
          values.getList().stream()
              .<SqlNode>map(
                  value -> comparison.createCall(value.getParserPosition(), in.operand(0), value))
              .toList(),
          negated ? SqlStdOperatorTable.AND : SqlStdOperatorTable.OR,
          in.getParserPosition());
    }

    private static SqlNode between(SqlCall between, SqlBetweenOperator operator) {
      SqlParserPos position = between.getParserPosition();
      SqlNode value = between.operand(0);
      SqlNode result = within(position, value, between.operand(1), between.operand(2));
      if (operator.flag == SqlBetweenOperator.Flag.SYMMETRIC) {
        result =
            SqlStdOperatorTable.OR.createCall(
                position, result, within(position, value, between.operand(2), between.operand(1)));
      }
      return operator.isNegated() ? SqlStdOperatorTable.NOT.createCall(position, result) : result;
    }

    private static SqlNode within(
        SqlParserPos position, SqlNode value, SqlNode least, SqlNode most) {
      return SqlStdOperatorTable.AND.createCall(
          position,
          SqlStdOperatorTable.GREATER_THAN_OR_EQUAL.createCall(position, value, least),
          SqlStdOperatorTable.LESS_THAN_OR_EQUAL.createCall(position, value, most));
    }

    /** A balanced tree: a list of thousands must not become a stack of thousands. */
    private static SqlNode combine(
        List<SqlNode> terms, SqlOperator combination, SqlParserPos position) {
      if (terms.size() == 1) {
        return terms.getFirst();
      }
      int half = terms.size() / 2;
      return combination.createCall(
          position,
          combine(terms.subList(0, half), combination, position),
          combine(terms.subList(half, terms.size()), combination, position));
    }
  }
}

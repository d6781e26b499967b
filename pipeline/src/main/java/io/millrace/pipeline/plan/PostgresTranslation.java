package io.millrace.pipeline.plan;

import static java.util.Objects.requireNonNull;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.SourceTable;
import java.util.Map;
import java.util.Optional;
import org.apache.calcite.sql.SqlBasicTypeNameSpec;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlDataTypeSpec;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlWriter;
import org.apache.calcite.sql.dialect.PostgresqlSqlDialect;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.util.SqlShuttle;
import org.jspecify.annotations.Nullable;

/** Writes a validated view in PostgreSQL's SQL, changing no more than it must. */
final class PostgresTranslation {
  /** Digits after the point beyond the result's, so that rounding twice rounds right. */
  private static final int GUARD_DIGITS = 30;

  private static final int DIVIDEND_PRECISION = 200;

  private final PipelineFile file;
  private final Map<String, Relation> relations;
  private final ValidatedView view;

  PostgresTranslation(PipelineFile file, Map<String, Relation> relations, ValidatedView view) {
    this.file = file;
    this.relations = relations;
    this.view = view;
  }

  String sql() {
    SqlSelect select = (SqlSelect) requireNonNull(view.select().accept(new Expressions()));
    select.setFrom(from(select.getFrom()));
    return select
        .toSqlString(
            config ->
                config
                    .withDialect(PostgresqlSqlDialect.DEFAULT)
                    .withQuoteAllIdentifiers(true)
                    .withAlwaysUseParentheses(true)
                    .withSelectListItemsOnSeparateLines(false)
                    .withIndentation(2))
        .getSql();
  }

  private SqlNode from(SqlNode from) {
    return switch (from) {
      case SqlJoin join -> {
        join.setLeft(from(join.getLeft()));
        join.setRight(from(join.getRight()));
        yield join;
      }
      case SqlCall as when as.getKind() == SqlKind.AS -> as(relation(as.operand(0)), as.operand(1));
      case SqlIdentifier name -> as(relation(name), name);
      default -> throw new IllegalStateException("FROM passed the checks: " + from.getKind());
    };
  }

  private static SqlNode as(SqlNode relation, SqlNode alias) {
    return SqlStdOperatorTable.AS.createCall(SqlParserPos.ZERO, relation, alias);
  }

  private SqlNode relation(SqlIdentifier name) {
    Tumble tumble = view.parsed().tumbles().get(name.getSimple());
    return new Text(tumble == null ? relation(name.getSimple()) : windowed(tumble));
  }

  private String relation(String name) {
    SourceTable table = file.tables().get(name);
    if (table == null) {
      return quote(name);
    }
    int dot = table.from().indexOf('.');
    return quote(table.from().substring(0, dot)) + "." + quote(table.from().substring(dot + 1));
  }

  private String windowed(Tumble tumble) {
    RelationTable table =
        new RelationTable(requireNonNull(relations.get(tumble.relation())), Optional.of(tumble));
    boolean zoned =
        ValueKind.of(
                ColumnTypes.sql(
                    view.validator().getTypeFactory(),
                    table.columns().get(table.column(tumble.column())).schema()))
            == ValueKind.TIMESTAMPTZ;
    String size = "INTERVAL '" + tumble.sizeMicros() + " microseconds'";
    String epoch =
        zoned ? "TIMESTAMPTZ '1970-01-01 00:00:00+00'" : "TIMESTAMP '1970-01-01 00:00:00'";
    String start = "date_bin(%s, %s, %s)".formatted(size, quote(tumble.column()), epoch);
    return "(SELECT *, %s AS %s, %s + %s AS %s FROM %s)"
        .formatted(
            start,
            quote(Tumble.WINDOW_START),
            start,
            size,
            quote(Tumble.WINDOW_END),
            relation(tumble.relation()));
  }

  private static String quote(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  /** Text that stands as it is. */
  private static final class Text extends SqlIdentifier {
    private final String text;

    Text(String text) {
      super("_", SqlParserPos.ZERO);
      this.text = text;
    }

    @Override
    public void unparse(SqlWriter writer, int leftPrec, int rightPrec) {
      writer.print(text);
      writer.setNeedWhitespace(true);
    }
  }

  /**
   * Writes expressions as PostgreSQL does.
   *
   * <p>It would round an average to some sixteen digits. The view's is rounded once, to its own
   * scale: so the quotient is made with more digits than that.
   */
  private final class Expressions extends SqlShuttle {
    @Override
    public @Nullable SqlNode visit(SqlLiteral literal) {
      return literal.getTypeName() == SqlTypeName.TIMESTAMP_TZ
          ? new Text("TIMESTAMP WITH TIME ZONE '" + literal.getValue() + "'")
          : literal;
    }

    @Override
    public @Nullable SqlNode visit(SqlCall call) {
      if (call.getKind() != SqlKind.AVG) {
        return super.visit(call);
      }
      int scale = view.validator().getValidatedNodeType(call).getScale();
      SqlParserPos position = call.getParserPosition();
      SqlNode sum = SqlStdOperatorTable.SUM.createCall(position, call.getOperandList());
      SqlNode count = SqlStdOperatorTable.COUNT.createCall(position, call.getOperandList());
      return decimal(
          SqlStdOperatorTable.DIVIDE.createCall(
              position, decimal(sum, DIVIDEND_PRECISION, scale + GUARD_DIGITS), count),
          MillraceTypeSystem.MAX_PRECISION,
          scale);
    }

    private static SqlNode decimal(SqlNode value, int precision, int scale) {
      SqlParserPos position = value.getParserPosition();
      return SqlStdOperatorTable.CAST.createCall(
          position,
          value,
          new SqlDataTypeSpec(
              new SqlBasicTypeNameSpec(SqlTypeName.DECIMAL, precision, scale, position), position));
    }
  }
}

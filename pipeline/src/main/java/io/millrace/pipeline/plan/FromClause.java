package io.millrace.pipeline.plan;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.calcite.runtime.CalciteException;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlIntervalLiteral;
import org.apache.calcite.sql.SqlIntervalLiteral.IntervalValue;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.parser.SqlParserUtil;

/**
 * Reads a FROM clause: which relations, and which windows over them. A TUMBLE is taken out of the
 * SQL here, and stands in it as a table of its own: Calcite's window columns would lose the time
 * zone and the nulls of the column that they come from.
 */
final class FromClause {
  private static final String TUMBLE_FORM =
      "write TABLE(TUMBLE(TABLE relation, DESCRIPTOR(time_column), INTERVAL '1' MINUTE))";

  private final Refusals refusals;
  private final Map<String, SqlParserPos> references = new LinkedHashMap<>();
  private final Map<String, Tumble> tumbles = new LinkedHashMap<>();

  FromClause(Refusals refusals) {
    this.refusals = refusals;
  }

  Map<String, SqlParserPos> references() {
    return references;
  }

  Map<String, Tumble> tumbles() {
    return tumbles;
  }

  /** The clause with a name for each TUMBLE; what is not supported is refused and stays. */
  SqlNode rewrite(SqlNode from) {
    return switch (from) {
      case SqlIdentifier relation -> {
        reference(relation);
        yield relation;
      }
      case SqlJoin join -> {
        join.setLeft(rewrite(join.getLeft()));
        join.setRight(rewrite(join.getRight()));
        yield join;
      }
      case SqlCall call when call.getKind() == SqlKind.AS -> aliased(call);
      case SqlCall call when isTableFunction(call) -> windowed(call);
      default -> {
        refusals.add(
            from.getParserPosition(),
            describe(from.getKind()) + " in FROM is not supported",
            "name a table or an enriched view; make a subquery an enriched view of its own");
        yield from;
      }
    };
  }

  private SqlNode aliased(SqlCall as) {
    if (as.operandCount() > 2) {
      refusals.add(
          as.operand(2).getParserPosition(),
          "an alias cannot rename columns",
          "rename them in the SELECT list");
    }
    SqlNode relation = as.operand(0);
    if (!isTableFunction(relation)) {
      as.setOperand(0, rewrite(relation));
      return as;
    }
    return tumble((SqlCall) relation)
        .map(name -> as(name, as.operand(1), as.getParserPosition()))
        .orElse(as);
  }

  /** A window without an alias goes by the name of its relation. */
  private SqlNode windowed(SqlCall collection) {
    SqlParserPos position = collection.getParserPosition();
    return tumble(collection)
        .map(
            name -> {
              String alias = name.getSimple().substring(0, name.getSimple().indexOf(' '));
              return as(name, new SqlIdentifier(alias, position), position);
            })
        .orElse(collection);
  }

  private static String describe(SqlKind kind) {
    return switch (kind) {
      case SELECT, ORDER_BY, WITH, UNION, INTERSECT, EXCEPT -> "a subquery";
      default -> kind.sql;
    };
  }

  private static boolean isTableFunction(SqlNode node) {
    return node.getKind() == SqlKind.COLLECTION_TABLE;
  }

  private void reference(SqlIdentifier relation) {
    if (!relation.isSimple()) {
      refusals.add(
          relation.getParserPosition(),
          "'" + relation + "' names a schema",
          "use the table's name in the pipeline file: its key under source.tables");
    } else {
      references.putIfAbsent(relation.getSimple(), relation.getParserPosition());
    }
  }

  private static SqlNode as(SqlNode relation, SqlNode alias, SqlParserPos position) {
    return SqlStdOperatorTable.AS.createCall(position, relation, alias);
  }

  private Optional<SqlIdentifier> tumble(SqlCall collection) {
    SqlCall function = collection.operand(0);
    String name = function.getOperator().getName();
    SqlParserPos position = function.getParserPosition();
    if (!name.equalsIgnoreCase("TUMBLE")) {
      refusals.add(
          position,
          name.toUpperCase(Locale.ROOT) + " is not supported",
          "TUMBLE is the only window yet; " + TUMBLE_FORM);
      return Optional.empty();
    }
    List<SqlNode> operands = function.getOperandList();
    if (operands.size() != 3
        || !(operands.get(0) instanceof SqlCall table)
        || table.getKind() != SqlKind.EXPLICIT_TABLE
        || !(table.operand(0) instanceof SqlIdentifier relation)
        || !(operands.get(1) instanceof SqlCall descriptor)
        || !descriptor.getOperator().getName().equalsIgnoreCase("DESCRIPTOR")
        || descriptor.operandCount() != 1
        || !(descriptor.operand(0) instanceof SqlIdentifier column)
        || !column.isSimple()
        || !(operands.get(2) instanceof SqlIntervalLiteral interval)) {
      refusals.add(position, "this form of TUMBLE is not supported", TUMBLE_FORM);
      return Optional.empty();
    }
    reference(relation);
    long size = sizeMicros(interval);
    if (!relation.isSimple() || size == 0) {
      return Optional.empty();
    }
    String synthetic = relation.getSimple() + " TUMBLE " + tumbles.size();
    tumbles.put(
        synthetic,
        new Tumble(relation.getSimple(), column.getSimple(), size, column.getParserPosition()));
    return Optional.of(new SqlIdentifier(synthetic, position));
  }

  /** The window's length; 0, reported, if it has none. */
  private long sizeMicros(SqlIntervalLiteral literal) {
    IntervalValue interval = literal.getValueAs(IntervalValue.class);
    boolean supported =
        switch (interval.getIntervalQualifier().typeName()) {
          case INTERVAL_DAY, INTERVAL_HOUR, INTERVAL_MINUTE, INTERVAL_SECOND ->
              interval.getSign() > 0 && interval.getIntervalLiteral().matches("\\d{1,9}");
          default -> false;
        };
    long millis = 0;
    if (supported) {
      try {
        millis = SqlParserUtil.intervalToMillis(interval);
      } catch (CalciteException | IllegalArgumentException e) {
        millis = 0;
      }
    }
    if (millis == 0) {
      refusals.add(
          literal.getParserPosition(),
          "a window cannot have this length",
          "write a whole number of days, hours, minutes or seconds above zero: INTERVAL '1'"
              + " MINUTE");
    }
    return millis * 1000;
  }
}

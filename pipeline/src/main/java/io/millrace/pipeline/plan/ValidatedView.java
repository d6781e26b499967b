package io.millrace.pipeline.plan;

import static java.util.Objects.requireNonNull;

import io.millrace.pipeline.Spelling;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.apache.calcite.config.CalciteConnectionConfigImpl;
import org.apache.calcite.config.CalciteConnectionProperty;
import org.apache.calcite.jdbc.CalciteSchema;
import org.apache.calcite.plan.Contexts;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.plan.hep.HepPlanner;
import org.apache.calcite.plan.hep.HepProgram;
import org.apache.calcite.prepare.CalciteCatalogReader;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.runtime.CalciteContextException;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.validate.SqlValidator;
import org.apache.calcite.sql.validate.SqlValidatorUtil;
import org.apache.calcite.sql2rel.SqlToRelConverter;
import org.apache.calcite.tools.RelBuilder;

/** A view whose names and types are known, and all of whose expressions are supported. */
final class ValidatedView {
  private static final Pattern COLUMN = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Set<String> RESERVED = Set.of("_source_ts", "_source_pos", "_op");
  private static final Pattern UNKNOWN_COLUMN = Pattern.compile("Column '([^']*)' not found.*");

  private static final Map<String, String> REMEDIES =
      Map.of(
          "Cannot apply",
          "give it values of types that go together: CAST one of them",
          "mixing of types",
          "give it values of types that go together: CAST one of them",
          "is not being grouped",
          "add it to GROUP BY, or aggregate it",
          "is ambiguous",
          "write which table's it is: table.column",
          "Table '",
          "name a relation of the FROM clause, by its alias if it has one",
          "Illegal use of 'NULL'",
          "say of which type it is: CAST(NULL AS type)",
          "illegal in WHERE",
          "filter groups with HAVING",
          "cannot be nested",
          "aggregate once; aggregate again when you query the lake");

  private final ParsedView parsed;
  private final CalciteCatalogReader catalog;
  private final SqlValidator validator;
  private final SqlSelect select;

  private ValidatedView(
      ParsedView parsed, CalciteCatalogReader catalog, SqlValidator validator, SqlSelect select) {
    this.parsed = parsed;
    this.catalog = catalog;
    this.validator = validator;
    this.select = select;
  }

  /**
   * Validates a view.
   *
   * @param relations at least those that the view reads
   * @return empty if it is refused
   */
  static Optional<ValidatedView> of(
      ParsedView parsed, Map<String, Relation> relations, Refusals refusals) {
    MillraceTypeSystem.Factory types = new MillraceTypeSystem.Factory();
    CalciteSchema schema = CalciteSchema.createRootSchema(false, false);
    Map<String, RelationTable> tables = tables(parsed, relations);
    tables.forEach(schema::add);
    parsed
        .tumbles()
        .forEach(
            (name, tumble) -> {
              RelationTable plain = requireNonNull(tables.get(tumble.relation()));
              if (isWindowed(plain, tumble, refusals)) {
                schema.add(name, new RelationTable(plain.relation(), Optional.of(tumble)));
              }
            });
    if (!refusals.isEmpty()) {
      return Optional.empty();
    }
    Properties properties = new Properties();
    properties.setProperty(CalciteConnectionProperty.CASE_SENSITIVE.camelName(), "true");
    CalciteCatalogReader catalog =
        new CalciteCatalogReader(
            schema, List.of(), types, new CalciteConnectionConfigImpl(properties));
    SqlValidator validator =
        SqlValidatorUtil.newValidator(
            SqlStdOperatorTable.instance(),
            catalog,
            types,
            SqlValidator.Config.DEFAULT
                .withTypeCoercionEnabled(false)
                .withConformance(Dialect.INSTANCE)
                .withIdentifierExpansion(true));
    SqlSelect select;
    try {
      select = (SqlSelect) validator.validate(parsed.select());
    } catch (CalciteContextException e) {
      refuse(e, tables.values(), refusals);
      return Optional.empty();
    }
    ValidatedView view = new ValidatedView(parsed, catalog, validator, select);
    new TypeRules(validator, refusals).check(select);
    view.checkColumns(refusals);
    return refusals.isEmpty() ? Optional.of(view) : Optional.empty();
  }

  /** The relations that a view reads, by name. */
  private static Map<String, RelationTable> tables(
      ParsedView parsed, Map<String, Relation> relations) {
    Map<String, RelationTable> tables = new HashMap<>();
    for (String name : parsed.references().keySet()) {
      tables.put(
          name, new RelationTable(requireNonNull(relations.get(name), name), Optional.empty()));
    }
    return tables;
  }

  /** Whether a relation can be windowed so; refuses it if not. */
  private static boolean isWindowed(RelationTable table, Tumble tumble, Refusals refusals) {
    String name = tumble.relation();
    int time = table.column(tumble.column());
    List<String> columns = table.columns().stream().map(Schema.Field::name).toList();
    if (time < 0) {
      refusals.add(
          tumble.position(),
          "'" + name + "' has no column '" + tumble.column() + "'",
          Spelling.suggestion(tumble.column(), columns));
      return false;
    }
    RelDataType type =
        ColumnTypes.sql(new MillraceTypeSystem.Factory(), table.columns().get(time).schema());
    ValueKind kind = ValueKind.of(type);
    if (kind != ValueKind.TIMESTAMP && kind != ValueKind.TIMESTAMPTZ) {
      refusals.add(
          tumble.position(),
          "'" + tumble.column() + "' is " + kind.description(),
          "window by a timestamp or a timestamptz");
      return false;
    }
    if (columns.contains(Tumble.WINDOW_START) || columns.contains(Tumble.WINDOW_END)) {
      refusals.add(
          tumble.position(),
          "'" + name + "' has a window_start or window_end of its own",
          "read it through a view under 'enrich' that names the column otherwise");
      return false;
    }
    return true;
  }

  private static void refuse(
      CalciteContextException e, Collection<RelationTable> tables, Refusals refusals) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    String problem = String.valueOf(cause.getMessage());
    int forms = problem.indexOf(" Supported form");
    if (forms > 0) {
      problem = problem.substring(0, forms);
    }
    refusals.add(e.getPosLine(), e.getPosColumn(), problem, remedy(problem, tables));
  }

  private static String remedy(String problem, Collection<RelationTable> tables) {
    Matcher unknown = UNKNOWN_COLUMN.matcher(problem);
    if (unknown.matches()) {
      Set<String> columns = new TreeSet<>();
      tables.forEach(table -> table.columns().forEach(column -> columns.add(column.name())));
      return RESERVED.contains(unknown.group(1))
          ? "leave it out: every view has it by itself"
          : Spelling.suggestion(unknown.group(1), columns);
    }
    return REMEDIES.entrySet().stream()
        .filter(entry -> problem.contains(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("correct the SQL here");
  }

  private void checkColumns(Refusals refusals) {
    Set<String> seen = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    List<RelDataTypeField> columns = rowType().getFieldList();
    for (int i = 0; i < columns.size(); i++) {
      String name = columns.get(i).getName();
      SqlParserPos position = position(i);
      if (name.startsWith("EXPR$")) {
        refusals.add(
            position, "this column has no name", "add AS and a name of letters, digits and _");
      } else if (!COLUMN.matcher(name).matches()) {
        refusals.add(
            position,
            "'" + name + "' is not a name for a column",
            "name it with letters, digits and _");
      } else if (RESERVED.contains(name)) {
        refusals.add(position, "'" + name + "' is reserved", "give the column another name");
      } else if (!seen.add(name)) {
        refusals.add(
            position,
            "the column '" + name + "' stands twice",
            "name one of them otherwise, with AS");
      }
      if (!ColumnTypes.isColumnType(columns.get(i).getType())) {
        refusals.add(
            position,
            "'" + name + "' is of type " + columns.get(i).getType(),
            "cast it: CAST(value AS type)");
      }
    }
  }

  ParsedView parsed() {
    return parsed;
  }

  /** The query with names resolved and stars written out. */
  SqlSelect select() {
    return select;
  }

  SqlValidator validator() {
    return validator;
  }

  /** The columns that the view outputs. */
  RelDataType rowType() {
    return validator.getValidatedNodeType(select);
  }

  /** Where the SQL says what an output column is. */
  SqlParserPos position(int column) {
    SqlNode item = select.getSelectList().get(column);
    return item.getParserPosition();
  }

  /** The query as relational operators, as it stands: nothing simplified. */
  RelNode relations() {
    RelBuilder.Config plain =
        RelBuilder.Config.DEFAULT
            .withSimplify(false)
            .withSimplifyLimit(false)
            .withSimplifyValues(false)
            .withPruneInputOfAggregate(false);
    RelOptCluster cluster =
        RelOptCluster.create(
            new HepPlanner(HepProgram.builder().build(), Contexts.of(plain)),
            new RexBuilder(validator.getTypeFactory()));
    SqlToRelConverter.Config config =
        SqlToRelConverter.config()
            .withTrimUnusedFields(false)
            .withExpand(false)
            .withRelBuilderConfigTransform(ignored -> plain);
    List<RelNode> converted = new ArrayList<>(1);
    converted.add(
        new SqlToRelConverter(
                (type, sql, schemaPath, viewPath) -> {
                  throw new IllegalStateException("no view is expanded");
                },
                validator,
                catalog,
                cluster,
                new Convertlets(),
                config)
            .convertQuery(select, false, true)
            .rel);
    return converted.getFirst();
  }
}

package io.millrace.local.lake;

import io.millrace.local.StackException;
import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.Source;
import io.millrace.pipeline.SourceTable;
import io.millrace.pipeline.plan.PipelinePlan;
import io.millrace.pipeline.plan.Relation;
import io.millrace.pipeline.plan.SourceSql;
import io.millrace.pipeline.plan.ViewPlanner;
import io.millrace.runtime.PipelineSchemas;
import io.millrace.runtime.serde.HttpSchemaRegistry;
import io.millrace.schemas.SourceMetadata;
import io.millrace.sink.lake.LakeCatalog;
import io.millrace.sink.lake.TableShape;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.duckdb.DuckDBAppender;
import org.jspecify.annotations.Nullable;

/**
 * Compares every lake table with the source, the whole content: a silver or gold table with the
 * rows that its SQL gives on the source (a mirror's is its table, a view's is its own, translated),
 * duplicates counted; a bronze table by whether its changes, played back, give the source table and
 * whether each stands there once.
 *
 * <p>A source is read in one snapshot. While it changes, the lake is behind it by what is on its
 * way, and that is a difference.
 */
public final class Reconciler {
  private static final int FETCH_ROWS = 5_000;
  private static final String SOURCE = "source";

  private final PipelineFile pipeline;
  private final Map<String, Relation> sources;
  private final PipelinePlan plan;

  /**
   * For the lake of a pipeline.
   *
   * @param sources its source tables as relations
   */
  public Reconciler(PipelineFile pipeline, Map<String, Relation> sources) {
    this.pipeline = pipeline;
    this.sources = Map.copyOf(sources);
    this.plan = ViewPlanner.plan(pipeline, this.sources);
  }

  /**
   * For the lake of a pipeline that runs, whose registry has the schemas of its source tables.
   *
   * @throws InterruptedException when interrupted while waiting for the schemas
   */
  public static Reconciler of(PipelineFile pipeline) throws InterruptedException {
    var registry = new HttpSchemaRegistry(pipeline.registry());
    return new Reconciler(pipeline, new PipelineSchemas(pipeline, registry).sourceTables());
  }

  /**
   * Compares all tables.
   *
   * @return one comparison per lake table, but those of {@link #notCompared}
   * @throws StackException if a source or the lake cannot be read
   */
  public List<TableComparison> compare() {
    List<TableComparison> comparisons = new ArrayList<>();
    try (LakeCatalog catalog = LakeCatalog.open(pipeline)) {
      for (Source source : pipeline.sources()) {
        List<LakeTable> tables =
            pipeline.lakeTables().stream()
                .filter(table -> database(table).equals(Optional.of(source)))
                .toList();
        if (!tables.isEmpty()) {
          try (SourceReader reader = SourceReader.open(source)) {
            for (LakeTable table : tables) {
              comparisons.add(compare(table, reader, catalog));
            }
          }
        }
      }
      return comparisons;
    } catch (SQLException e) {
      throw new StackException("the comparison failed: " + e.getMessage(), e);
    }
  }

  /** Views that are not compared: what they are made of is not all in one PostgreSQL database. */
  public List<String> notCompared() {
    return pipeline.lakeTables().stream()
        .filter(table -> database(table).isEmpty())
        .map(LakeTable::identifier)
        .toList();
  }

  /** The database that can answer a table's SQL, if one can: a view's is PostgreSQL's. */
  private Optional<Source> database(LakeTable table) {
    boolean view = table.content() == LakeTable.Content.VIEW;
    Set<String> read =
        view ? SourceSql.tables(pipeline, table.name()) : Set.of(sourceTable(table).name());
    return pipeline.sources().stream()
        .filter(source -> !view || source.connector().equals(Source.POSTGRESQL))
        .filter(source -> source.tables().keySet().containsAll(read))
        .findFirst();
  }

  private TableComparison compare(LakeTable table, SourceReader source, LakeCatalog catalog) {
    Optional<Table> lake = load(catalog, table);
    String sql = sql(table);
    try (DuckSession session = new DuckSession()) {
      return lake.isPresent()
          ? compare(table, source, sql, lake.get(), session)
          : missing(table, count(source.connection(), sql));
    } catch (SQLException e) {
      throw new StackException(table.identifier() + " cannot be compared: " + e.getMessage(), e);
    }
  }

  private static TableComparison missing(LakeTable table, long rows) {
    return new TableComparison(
        table.identifier(),
        rows,
        0,
        rows,
        rows == 0 ? List.of() : List.of("the lake has no such table yet"),
        0);
  }

  private TableComparison compare(
      LakeTable table, SourceReader source, String sql, Table lake, DuckSession session)
      throws SQLException {
    List<DuckColumn> columns = new ArrayList<>();
    List<String> expressions = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (Map.Entry<String, Integer> asked : columnTypes(source.connection(), sql).entrySet()) {
      String name = asked.getKey();
      var field = lake.schema().findField(name);
      if (field != null) {
        DuckColumn column = new DuckColumn(name, field.type());
        columns.add(column);
        expressions.add(source.expression(column, asked.getValue()));
      } else if (table.content() == LakeTable.Content.VIEW
          || hasValues(source.connection(), sql, name)) {
        problems.add("column " + name + " is missing in the lake");
      }
    }
    String select = "SELECT %s FROM (%s) AS t".formatted(String.join(", ", expressions), sql);
    long sourceRows = loadSource(source, select, session, table.name(), columns);
    long lakeRows =
        session.load(lake, table.namespace(), table.name(), withMetadata(table, lake, columns));
    String relation = quoted(table.namespace(), table.name());
    if (table.content() == LakeTable.Content.CHANGES) {
      problems.addAll(repetitions(session, relation));
      relation = "(%s)".formatted(Playback.sql(relation, key(table)));
    }
    var result =
        new Comparison(session, columns, naming(table, columns))
            .of(quoted(SOURCE, table.name()), relation);
    problems.addAll(result.first());
    return new TableComparison(
        table.identifier(), sourceRows, lakeRows, result.keys(), problems, bytes(lake));
  }

  private static Optional<Table> load(LakeCatalog catalog, LakeTable table) {
    try {
      return Optional.of(catalog.load(table));
    } catch (NoSuchTableException e) {
      return Optional.empty();
    }
  }

  private String sql(LakeTable table) {
    return switch (table.content()) {
      case VIEW -> SourceSql.postgres(pipeline, plan, table.name());
      default -> "SELECT * FROM " + quotedName(sourceTable(table).from());
    };
  }

  private SourceTable sourceTable(LakeTable table) {
    return pipeline.tables().values().stream()
        .filter(source -> pipeline.topicNames().changes(source.name()).equals(table.topic()))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no source table for " + table));
  }

  private Relation relation(LakeTable table) {
    return switch (table.content()) {
      case VIEW -> known(plan.views().get(table.name()), table).output();
      default -> known(sources.get(sourceTable(table).name()), table);
    };
  }

  private static <T> T known(@Nullable T found, LakeTable table) {
    if (found == null) {
      throw new IllegalStateException("no schema for " + table);
    }
    return found;
  }

  /**
   * The columns that an SQL gives, each with its JDBC type. A table's are those that it has now in
   * the source: the registry may not know those without values yet, and the latest of its schemas
   * may have some that were dropped.
   */
  private static Map<String, Integer> columnTypes(Connection source, String sql)
      throws SQLException {
    try (Statement statement = source.createStatement();
        ResultSet none = statement.executeQuery("SELECT * FROM (" + sql + ") AS t WHERE FALSE")) {
      Map<String, Integer> types = new LinkedHashMap<>();
      for (int i = 1; i <= none.getMetaData().getColumnCount(); i++) {
        types.put(none.getMetaData().getColumnName(i), none.getMetaData().getColumnType(i));
      }
      return types;
    }
  }

  /** A column that the source has and the lake does not is right as long as nothing is in it. */
  private static boolean hasValues(Connection source, String sql, String column)
      throws SQLException {
    return count(
            source,
            "SELECT * FROM (%s) AS v WHERE %s IS NOT NULL"
                .formatted(sql, DuckColumn.quoted(column)))
        > 0;
  }

  private List<String> key(LakeTable table) {
    return relation(table).key().getFields().stream().map(Schema.Field::name).toList();
  }

  /** Rows of a table without a key are named as a whole. */
  private List<String> naming(LakeTable table, List<DuckColumn> columns) {
    return relation(table).isKeyless()
        ? columns.stream().map(DuckColumn::name).toList()
        : key(table);
  }

  /** Playing changes back needs to know what they did and in which order. */
  private static List<DuckColumn> withMetadata(
      LakeTable table, Table lake, List<DuckColumn> columns) {
    if (table.content() != LakeTable.Content.CHANGES) {
      return columns;
    }
    List<DuckColumn> all = new ArrayList<>(columns);
    for (String name : List.of(TableShape.OP, SourceMetadata.SOURCE_POS)) {
      all.add(new DuckColumn(name, lake.schema().findType(name)));
    }
    return all;
  }

  private static List<String> repetitions(DuckSession session, String changes) throws SQLException {
    try (Statement statement = session.connection().createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) - count(DISTINCT \"%s\") FROM %s"
                    .formatted(SourceMetadata.SOURCE_POS, changes))) {
      row.next();
      long repeated = row.getLong(1);
      return repeated == 0 ? List.of() : List.of(repeated + " changes stand there more than once");
    }
  }

  private static long count(Connection source, String sql) throws SQLException {
    try (Statement statement = source.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM (" + sql + ") AS t")) {
      row.next();
      return row.getLong(1);
    }
  }

  private static long loadSource(
      SourceReader source, String sql, DuckSession session, String table, List<DuckColumn> columns)
      throws SQLException {
    session.create(SOURCE, table, columns);
    long rows = 0;
    try (Statement statement = source.connection().createStatement();
        DuckDBAppender appender = session.appender(SOURCE, table)) {
      statement.setFetchSize(FETCH_ROWS);
      try (ResultSet row = statement.executeQuery(sql)) {
        while (row.next()) {
          appender.beginRow();
          for (int i = 0; i < columns.size(); i++) {
            columns.get(i).append(appender, source.read(columns.get(i), row, i + 1));
          }
          appender.endRow();
          rows++;
        }
      }
    }
    return rows;
  }

  private static long bytes(Table lake) {
    Snapshot snapshot = lake.currentSnapshot();
    return snapshot == null
        ? 0
        : Long.parseLong(
            snapshot.summary().getOrDefault(SnapshotSummary.TOTAL_FILE_SIZE_PROP, "0"));
  }

  private static String quoted(String schema, String table) {
    return DuckColumn.quoted(schema) + "." + DuckColumn.quoted(table);
  }

  private static String quotedName(String from) {
    int dot = from.indexOf('.');
    return quoted(from.substring(0, dot), from.substring(dot + 1));
  }
}

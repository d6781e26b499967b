package io.millrace.local.lake;

import io.millrace.local.StackException;
import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.PipelineFile;
import io.millrace.sink.lake.LakeCatalog;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.NoSuchTableException;

/**
 * SQL over a pipeline's lake tables, by DuckDB. Tables are named {@code bronze.x}, {@code silver.x}
 * and {@code gold.x}, or by {@code x} alone; only the ones that a query mentions are read.
 */
public final class LakeQuery {
  private final PipelineFile pipeline;
  private final Tables tables;

  /** Queries of the lake of {@code pipeline}, as it is now. */
  public LakeQuery(PipelineFile pipeline) {
    this(pipeline, LakeQuery::loadCurrent);
  }

  /** Queries of the tables that a cut has. */
  public LakeQuery(Cut cut) {
    this(cut.pipeline(), cut);
  }

  /** Queries of the lake of {@code pipeline}, as it was. */
  public LakeQuery(PipelineFile pipeline, AsOf then) {
    this(pipeline, (Tables) then);
  }

  private LakeQuery(PipelineFile pipeline, Tables tables) {
    this.pipeline = pipeline;
    this.tables = tables;
  }

  /** Puts rows where queries find them. */
  @FunctionalInterface
  interface Tables {
    /**
     * Those of one table.
     *
     * @throws NoSuchTableException when there is none yet
     */
    void load(DuckSession session, LakeCatalog catalog, LakeTable table) throws SQLException;
  }

  /** Takes a result; it is closed afterwards. */
  @FunctionalInterface
  public interface Consumer {
    /** Reads it. */
    void accept(ResultSet result) throws SQLException;
  }

  /**
   * Runs a query.
   *
   * @throws StackException with DuckDB's message when the query is wrong, or when a table that it
   *     names with its namespace has no rows yet
   */
  public void run(String sql, Consumer consumer) {
    try (DuckSession session = new DuckSession();
        LakeCatalog catalog = LakeCatalog.open(pipeline)) {
      Set<String> names = SqlNames.in(sql);
      for (LakeTable table : pipeline.lakeTables()) {
        session.execute("CREATE SCHEMA IF NOT EXISTS " + DuckColumn.quoted(table.namespace()));
        if (SqlNames.mention(names, table.namespace(), table.name())) {
          load(session, catalog, table);
        }
      }
      session.execute("SET search_path = 'silver,gold,bronze,main'");
      query(session, sql, consumer);
    } catch (SQLException e) {
      throw new StackException(message(e), e);
    }
  }

  private static void query(DuckSession session, String sql, Consumer consumer)
      throws SQLException {
    try (Statement statement = session.connection().createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      consumer.accept(result);
    }
  }

  private void load(DuckSession session, LakeCatalog catalog, LakeTable table) throws SQLException {
    try {
      tables.load(session, catalog, table);
    } catch (NoSuchTableException e) {
      // the query's own error says so if it is a table that it means
    }
  }

  private static void loadCurrent(DuckSession session, LakeCatalog catalog, LakeTable table)
      throws SQLException {
    Table lake = catalog.load(table);
    session.load(lake, table.namespace(), table.name(), DuckColumn.all(lake.schema()));
  }

  private static String message(SQLException e) {
    String message = e.getMessage();
    return message == null ? "the query failed: " + e : message;
  }
}

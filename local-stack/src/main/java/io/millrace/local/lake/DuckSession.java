package io.millrace.local.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.SnapshotUtil;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * A DuckDB database of its own in a temporary file, of bounded memory: what does not fit goes to
 * disk. Its time zone is UTC.
 */
final class DuckSession implements AutoCloseable {
  private final Path directory;
  private final DuckDBConnection connection;

  DuckSession() throws SQLException {
    try {
      directory = Files.createTempDirectory("millrace-query");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    connection =
        (DuckDBConnection)
            DriverManager.getConnection("jdbc:duckdb:" + directory.resolve("query.duckdb"));
    execute("SET memory_limit = '1GB'");
    execute("SET threads = 2");
    execute("SET preserve_insertion_order = false");
    execute("SET TimeZone = 'UTC'");
  }

  DuckDBConnection connection() {
    return connection;
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Creates an empty table. */
  void create(String schema, String table, List<DuckColumn> columns) throws SQLException {
    execute("CREATE SCHEMA IF NOT EXISTS " + DuckColumn.quoted(schema));
    execute(
        "CREATE TABLE %s.%s (%s)"
            .formatted(
                DuckColumn.quoted(schema),
                DuckColumn.quoted(table),
                columns.stream().map(DuckColumn::definition).collect(Collectors.joining(", "))));
  }

  DuckDBAppender appender(String schema, String table) throws SQLException {
    return connection.createAppender(schema, table);
  }

  /**
   * Copies a lake table by Iceberg's own scan, which honours its deletes.
   *
   * @param columns of the lake table
   * @return rows copied
   */
  long load(Table lake, String schema, String table, List<DuckColumn> columns) throws SQLException {
    return load(lake, Expressions.alwaysTrue(), schema, table, columns);
  }

  /** Likewise, of the rows for which a condition holds. */
  long load(Table lake, Expression condition, String schema, String table, List<DuckColumn> columns)
      throws SQLException {
    IcebergGenerics.ScanBuilder scan = IcebergGenerics.read(lake).where(condition);
    return load(lake, lake.schema(), scan, schema, table, columns);
  }

  /**
   * Likewise, of one of its snapshots.
   *
   * @param columns of the lake table then
   */
  long load(Table lake, long snapshot, String schema, String table, List<DuckColumn> columns)
      throws SQLException {
    return load(
        lake,
        SnapshotUtil.schemaFor(lake, snapshot),
        IcebergGenerics.read(lake).useSnapshot(snapshot),
        schema,
        table,
        columns);
  }

  private long load(
      Table lake,
      Schema then,
      IcebergGenerics.ScanBuilder scan,
      String schema,
      String table,
      List<DuckColumn> columns)
      throws SQLException {
    create(schema, table, columns);
    List<String> names = columns.stream().map(DuckColumn::name).toList();
    int[] positions = positions(then.select(names), names);
    long rows = 0;
    try (DuckDBAppender appender = appender(schema, table);
        CloseableIterable<Record> records = scan.select(names.toArray(String[]::new)).build()) {
      for (Record record : records) {
        appender.beginRow();
        for (int i = 0; i < columns.size(); i++) {
          columns.get(i).append(appender, record.get(positions[i]));
        }
        appender.endRow();
        rows++;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read lake table " + lake.name(), e);
    }
    return rows;
  }

  /** A scan gives the selected columns in the order of the table. */
  private static int[] positions(Schema projected, List<String> names) {
    List<String> scanned = projected.columns().stream().map(Types.NestedField::name).toList();
    return names.stream().mapToInt(scanned::indexOf).toArray();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

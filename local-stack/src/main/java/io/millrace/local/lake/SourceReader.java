package io.millrace.local.lake;

import io.millrace.local.StackException;
import io.millrace.pipeline.Source;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A source database as it is compared with: one snapshot of all its tables, and read only. */
interface SourceReader extends AutoCloseable {
  /**
   * Opens it from Debezium's properties in the pipeline file.
   *
   * @throws StackException when the database does not let us in
   */
  static SourceReader open(Source source) {
    return source.connector().equals(Source.POSTGRESQL)
        ? PostgresReader.open(source)
        : BinlogReader.open(source);
  }

  /** Where identifiers are quoted as in standard SQL. */
  Connection connection();

  /**
   * How a column is asked for.
   *
   * @param jdbcType its type in the source, of {@link java.sql.Types}
   */
  String expression(DuckColumn column, int jdbcType);

  /** Reads what was asked for so, as the class that Iceberg's generic records have for the type. */
  @Nullable Object read(DuckColumn column, ResultSet row, int index) throws SQLException;

  @Override
  default void close() throws SQLException {
    connection().close();
  }

  /** Whatever is read from now on is of one moment. */
  static void freeze(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    connection.setReadOnly(true);
  }
}

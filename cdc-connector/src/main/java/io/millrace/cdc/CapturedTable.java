package io.millrace.cdc;

import io.millrace.pipeline.SourceTable;
import java.util.List;

/**
 * A table that can be captured, as the catalog describes it.
 *
 * @param name in the pipeline
 * @param from in the database
 * @param appendOnly the source only ever inserts into it
 * @param columns in the table's order
 * @param primaryKey names of the key's columns, in the key's order; none of a table that only grows
 *     and has no key
 * @param keyDeclared whether the pipeline file says so, not the database
 * @param comments what the database says of it
 */
public record CapturedTable(
    String name,
    TableName from,
    boolean appendOnly,
    List<Column> columns,
    List<String> primaryKey,
    boolean keyDeclared,
    Comments comments) {
  /** Keeps its own copies. */
  public CapturedTable {
    columns = List.copyOf(columns);
    primaryKey = List.copyOf(primaryKey);
  }

  /**
   * What is wrong with a table that has no key and does not only grow.
   *
   * @param sql the table's name in SQL
   */
  public static String withoutKey(SourceTable table, String sql) {
    return "Table %s has no primary key: ALTER TABLE %s ADD PRIMARY KEY (...); or name columns that"
            .formatted(table.from(), sql)
        + " tell its rows apart: source.tables.%s.key: [...]; or, when rows are only ever inserted,"
            .formatted(table.name())
        + " say source.tables.%s.append_only: true".formatted(table.name());
  }

  /** Whether nothing tells its rows apart but where in the log they were inserted. */
  public boolean isKeyless() {
    return primaryKey.isEmpty();
  }
}

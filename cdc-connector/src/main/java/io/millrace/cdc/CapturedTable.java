package io.millrace.cdc;

import java.util.List;

/**
 * A table that can be captured, as the catalog describes it.
 *
 * @param name in the pipeline
 * @param from in the database
 * @param appendOnly the source only ever inserts into it
 * @param columns in the table's order
 * @param primaryKey names of the key's columns, in the key's order
 * @param keyDeclared whether the pipeline file says so, not the database
 */
public record CapturedTable(
    String name,
    TableName from,
    boolean appendOnly,
    List<Column> columns,
    List<String> primaryKey,
    boolean keyDeclared) {
  /** Keeps its own copies. */
  public CapturedTable {
    columns = List.copyOf(columns);
    primaryKey = List.copyOf(primaryKey);
  }
}

package io.millrace.pipeline;

import java.util.List;

/**
 * A captured table.
 *
 * @param name its name in the pipeline: in views, topics and the lake
 * @param from its name in the database, {@code schema.table}; with MariaDB and MySQL {@code
 *     database.table}
 * @param appendOnly the source only ever inserts into it
 * @param key columns that tell its rows apart, for a table without a primary key; empty: the
 *     primary key
 * @param position where the file declares it
 */
public record SourceTable(
    String name, String from, boolean appendOnly, List<String> key, FilePosition position) {
  /** Keeps its own copy of the key. */
  public SourceTable {
    key = List.copyOf(key);
  }

  /** A table that is keyed by its primary key. */
  public SourceTable(String name, String from, boolean appendOnly, FilePosition position) {
    this(name, from, appendOnly, List.of(), position);
  }
}

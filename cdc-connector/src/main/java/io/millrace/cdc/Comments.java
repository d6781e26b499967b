package io.millrace.cdc;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the database says of a table to people. It goes into the topic's schema as the documentation
 * of the row and its fields.
 *
 * @param table comment of the table; null when it has none
 * @param columns comments of those columns that have one, by their names
 */
public record Comments(@Nullable String table, Map<String, String> columns) {
  static final Comments NONE = new Comments(null, Map.of());

  /** Keeps its own copy. */
  public Comments {
    columns = Map.copyOf(columns);
  }
}

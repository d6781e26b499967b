package io.millrace.pipeline;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a lake table says to people.
 *
 * @param comment of the table; null where the file does not say it
 * @param owner whom to ask about it; null where the file does not say it
 * @param columns comments of columns, by their names
 */
public record TableDescription(
    @Nullable String comment, @Nullable String owner, Map<String, String> columns) {
  /** Where the file says nothing. */
  public static final TableDescription NONE = new TableDescription(null, null, Map.of());

  /** Keeps its own copy. */
  public TableDescription {
    columns = Map.copyOf(columns);
  }

  /** The same, of an owner if it has none. */
  TableDescription orOf(@Nullable String usual) {
    return owner != null ? this : new TableDescription(comment, usual, columns);
  }
}

package io.millrace.cdc;

import io.millrace.pipeline.FilePosition;
import io.millrace.pipeline.SourceTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tables as tests write them: a name; a declared key stands behind a colon, {@code +} at the end of
 * append-only ones.
 */
public final class TableNotation {
  private TableNotation() {}

  /** The tables of a pipeline, by name. */
  public static Map<String, SourceTable> tables(String schema, String... tables) {
    Map<String, SourceTable> captured = new LinkedHashMap<>();
    for (String table : tables) {
      boolean appendOnly = table.endsWith("+");
      String named = appendOnly ? table.substring(0, table.length() - 1) : table;
      int colon = named.indexOf(':');
      String name = colon < 0 ? named : named.substring(0, colon);
      List<String> key = colon < 0 ? List.of() : List.of(named.substring(colon + 1).split(",", -1));
      captured.put(
          name,
          new SourceTable(name, schema + "." + name, appendOnly, key, new FilePosition(1, 1)));
    }
    return captured;
  }
}

package io.millrace.cdc;

import java.util.regex.Pattern;

/** Name of a table in PostgreSQL, as the catalog spells it. */
public record TableName(String schema, String table) {
  private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_]*");

  /**
   * From {@code schema.table} of the pipeline file.
   *
   * @throws IllegalArgumentException when it has no schema
   */
  public static TableName of(String from) {
    int dot = from.indexOf('.');
    if (dot <= 0 || dot == from.length() - 1) {
      throw new IllegalArgumentException("'" + from + "' is not of the form schema.table");
    }
    return new TableName(from.substring(0, dot), from.substring(dot + 1));
  }

  /** As SQL writes it. */
  String sql() {
    return quoted(schema) + "." + quoted(table);
  }

  /** An identifier as SQL writes it: quoted only when it must be. */
  static String quoted(String identifier) {
    return PLAIN.matcher(identifier).matches()
        ? identifier
        : "\"" + identifier.replace("\"", "\"\"") + "\"";
  }

  @Override
  public String toString() {
    return schema + "." + table;
  }
}

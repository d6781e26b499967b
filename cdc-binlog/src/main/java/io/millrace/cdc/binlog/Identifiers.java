package io.millrace.cdc.binlog;

import io.millrace.cdc.TableName;

/** Names as the SQL of these servers writes them. */
final class Identifiers {
  private Identifiers() {}

  static String quoted(String identifier) {
    return "`" + identifier.replace("`", "``") + "`";
  }

  static String quoted(TableName table) {
    return quoted(table.schema()) + "." + quoted(table.table());
  }
}

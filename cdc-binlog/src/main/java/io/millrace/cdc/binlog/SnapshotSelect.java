package io.millrace.cdc.binlog;

import io.millrace.cdc.CapturedTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The statements by which a snapshot reads tables: what the driver would give in a form that has
 * lost something is read in another.
 */
final class SnapshotSelect {
  private static final String OVERRIDES = "snapshot.select.statement.overrides";

  private SnapshotSelect() {}

  /** The connector's properties. */
  static Map<String, String> overrides(List<BinlogTable> tables) {
    Map<String, String> overrides = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    for (BinlogTable table : tables) {
      CapturedTable captured = table.captured();
      names.add(captured.from().toString());
      overrides.put(OVERRIDES + "." + captured.from(), statement(table));
    }
    overrides.put(OVERRIDES, String.join(",", names));
    return overrides;
  }

  private static String statement(BinlogTable table) {
    return table.types().entrySet().stream()
        .map(column -> expression(column.getKey(), column.getValue()))
        .collect(
            Collectors.joining(
                ", ", "SELECT ", " FROM " + Identifiers.quoted(table.captured().from())));
  }

  private static String expression(String column, BinlogType type) {
    String name = Identifiers.quoted(column);
    return switch (type.form()) {
      case BIT -> "CAST(%s AS UNSIGNED) AS %s".formatted(name, name);
      case TIME, YEAR, UUID -> "CAST(%s AS CHAR) AS %s".formatted(name, name);
      case DATE -> "IF(%s, NULL, CAST(%s AS CHAR)) AS %s".formatted(zeroDate(name), name, name);
      // The column's own number, which no time zone of a session touches.
      case TIMESTAMP -> "CAST(UNIX_TIMESTAMP(%s) * 1000000 AS SIGNED) AS %s".formatted(name, name);
      case DATETIME -> "IF(%s, NULL, %s) AS %s".formatted(zeroDate(name), datetime(name), name);
      case INTEGER, DECIMAL, TEXT, BINARY, BYTES, ENUM, SET, JSON -> name;
    };
  }

  /** Before the days that the driver's calendar leaves out, far behind them, and marked so. */
  private static String datetime(String name) {
    return ("IF(YEAR(%s) > %d, DATE_FORMAT(%s, '%%Y-%%m-%%d %%H:%%i:%%s.%%f'),"
            + " CONCAT(YEAR(%s) + %d, DATE_FORMAT(%s, '-%%m-%%d %%H:%%i:%%s.%%f00%d')))")
        .formatted(
            name,
            BinlogTimes.CALENDAR_CHANGED,
            name,
            name,
            BinlogTimes.SNAPSHOT_YEARS,
            name,
            BinlogTimes.SNAPSHOT_NANOS);
  }

  /** Debezium would take it for null too, and write it to the service's log. */
  static String zeroDate(String name) {
    return "YEAR(%s) = 0 OR MONTH(%s) = 0 OR DAYOFMONTH(%s) = 0".formatted(name, name, name);
  }
}

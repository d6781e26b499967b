package io.millrace.pipeline.plan;

import org.apache.calcite.sql.parser.SqlParserPos;

/**
 * {@code TABLE(TUMBLE(TABLE relation, DESCRIPTOR(column), INTERVAL size))} in a FROM clause.
 *
 * @param relation the relation whose rows get windows
 * @param column the column that places a row in time
 * @param sizeMicros length of a window; windows are aligned to 1970-01-01 00:00:00 (UTC)
 * @param position where {@code column} stands
 */
record Tumble(String relation, String column, long sizeMicros, SqlParserPos position) {
  static final String WINDOW_START = "window_start";
  static final String WINDOW_END = "window_end";
}

package io.millrace.pipeline.plan;

import io.millrace.pipeline.View;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.parser.SqlParserPos;

/**
 * A view whose syntax is supported.
 *
 * @param view as the user wrote it
 * @param aggregate whether it stands in the {@code aggregate} section
 * @param select its query, in which each TUMBLE stands as a table of a name in {@code tumbles}
 * @param references the relations that it reads and where it first names each
 * @param tumbles the windowed relations, by the name that no user's table can have
 */
record ParsedView(
    View view,
    boolean aggregate,
    SqlSelect select,
    Map<String, SqlParserPos> references,
    Map<String, Tumble> tumbles) {
  ParsedView {
    references = new LinkedHashMap<>(references);
    tumbles = new LinkedHashMap<>(tumbles);
  }
}

package io.millrace.pipeline;

import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * Reads the SQL of a view so that a position in the SQL can be told as a position in the file: line
 * by line, the SQL must stand in the file as it is.
 */
final class ViewReader {
  private static final String REMEDY =
      "write it as a block, indented under 'sql: |', or plainly on one line";

  private final List<String> lines;
  private final Findings findings;

  ViewReader(List<String> lines, Findings findings) {
    this.lines = lines;
    this.findings = findings;
  }

  Optional<View> read(String name, ScalarNode node) {
    String sql = node.getValue();
    FilePosition start = Section.at(node);
    if (sql.isBlank()) {
      findings.add(start, "the SQL of '" + name + "' is empty", "write a SELECT");
      return Optional.empty();
    }
    if (sql.contains("${")) {
      findings.add(
          start,
          "the environment is not substituted in SQL",
          "write the value itself: a view means the same wherever it runs");
      return Optional.empty();
    }
    Optional<View> view =
        node.getScalarStyle() == ScalarStyle.LITERAL
            ? block(name, sql, start)
            : line(name, sql, start, node.isPlain() ? 0 : 1);
    if (view.isEmpty()) {
      findings.add(
          start,
          "the SQL of '" + name + "' is folded or escaped, so its errors have no place",
          REMEDY);
    }
    return view;
  }

  private Optional<View> block(String name, String sql, FilePosition header) {
    List<String> sqlLines = sql.lines().toList();
    int indent = -1;
    for (int i = 0; i < sqlLines.size(); i++) {
      String sqlLine = sqlLines.get(i);
      String fileLine = header.line() + i < lines.size() ? lines.get(header.line() + i) : "";
      if (!sqlLine.isBlank()) {
        if (!fileLine.endsWith(sqlLine)) {
          return Optional.empty();
        }
        indent = indent < 0 ? fileLine.length() - sqlLine.length() : indent;
      }
    }
    return Optional.of(
        new View(name, sql, new FilePosition(header.line() + 1, indent + 1), indent));
  }

  private Optional<View> line(String name, String sql, FilePosition start, int quote) {
    String fileLine = lines.get(start.line() - 1);
    int column = fileLine.offsetByCodePoints(0, start.column() - 1) + quote;
    return fileLine.startsWith(sql, column)
        ? Optional.of(
            new View(name, sql, new FilePosition(start.line(), start.column() + quote), 0))
        : Optional.empty();
  }
}

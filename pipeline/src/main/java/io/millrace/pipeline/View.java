package io.millrace.pipeline;

/**
 * A view as the user wrote it.
 *
 * @param name its name in other views, topics and the lake
 * @param sql its query
 * @param position where the first character of {@code sql} stands in the file
 * @param indent columns that the file indents each further line of {@code sql} by
 */
public record View(String name, String sql, FilePosition position, int indent) {
  /**
   * Where in the file a place of the SQL is.
   *
   * @param line in {@code sql}, from 1
   * @param column in that line, from 1
   */
  public FilePosition at(int line, int column) {
    return line <= 1
        ? new FilePosition(position.line(), position.column() + Math.max(0, column - 1))
        : new FilePosition(position.line() + line - 1, indent + column);
  }
}

package io.millrace.pipeline;

/**
 * A view as the user wrote it.
 *
 * @param name its name in other views, topics and the lake
 * @param sql its query
 * @param position where the first character of {@code sql} stands in the file
 * @param indent columns that the file indents each further line of {@code sql} by
 */
public record View(String name, String sql, FilePosition position, int indent) {}

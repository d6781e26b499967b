package io.millrace.pipeline;

/**
 * A captured table.
 *
 * @param name its name in the pipeline: in views, topics and the lake
 * @param from its name in the database, {@code schema.table}
 * @param appendOnly the source only ever inserts into it
 * @param position where the file declares it
 */
public record SourceTable(String name, String from, boolean appendOnly, FilePosition position) {}

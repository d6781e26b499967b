package io.millrace.pipeline;

import java.util.Map;

/**
 * The operational database.
 *
 * @param connector {@code postgresql}
 * @param config Debezium connector properties as they stand
 * @param tables captured tables by their name in the pipeline, in the file's order
 */
public record Source(
    String connector, Map<String, String> config, Map<String, SourceTable> tables) {}

package io.millrace.pipeline;

import java.util.Map;

/**
 * The operational database.
 *
 * @param connector {@code postgresql}
 * @param config Debezium connector properties as they stand
 * @param tables captured tables by their name in the pipeline, in the file's order
 * @param slotLimit how much of its log the database may keep back
 */
public record Source(
    String connector,
    Map<String, String> config,
    Map<String, SourceTable> tables,
    SlotLimit slotLimit) {

  /** A source with the default limit. */
  public Source(String connector, Map<String, String> config, Map<String, SourceTable> tables) {
    this(connector, config, tables, SlotLimit.DEFAULT);
  }
}

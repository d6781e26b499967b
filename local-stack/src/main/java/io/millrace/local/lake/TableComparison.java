package io.millrace.local.lake;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * A lake table beside the same SQL on the source.
 *
 * @param table {@code namespace.name}
 * @param sourceRows rows that the SQL gives on the source
 * @param lakeRows rows of the lake table; of a bronze table, the changes
 * @param differingKeys keys whose rows are not the same on both sides
 * @param differences the first of them, and whatever else is wrong
 * @param bytes of the lake table's files
 */
public record TableComparison(
    String table,
    long sourceRows,
    long lakeRows,
    long differingKeys,
    List<String> differences,
    long bytes) {
  /** Whether the lake table is right. */
  @JsonProperty
  public boolean equal() {
    return differences.isEmpty();
  }
}

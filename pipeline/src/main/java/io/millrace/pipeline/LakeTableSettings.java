package io.millrace.pipeline;

import org.jspecify.annotations.Nullable;

/**
 * What the file says of one lake table.
 *
 * @param formatVersion Iceberg format that it is created with; null: the usual one
 * @param maintenance its own; null: that of every table
 * @param layout how its rows lie in files
 * @param description what it says to people
 */
public record LakeTableSettings(
    @Nullable Integer formatVersion,
    @Nullable Maintenance maintenance,
    TableLayout layout,
    TableDescription description) {
  /** A table that the file does not name. */
  static final LakeTableSettings USUAL =
      new LakeTableSettings(null, null, TableLayout.USUAL, TableDescription.NONE);
}

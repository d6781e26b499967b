package io.millrace.local.lake;

import io.millrace.local.StackException;
import io.millrace.pipeline.LakeTable;
import io.millrace.sink.lake.LakeCatalog;
import java.sql.SQLException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.TreeSet;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;

/**
 * An earlier state of lake tables.
 *
 * @param text a tag or branch, or a time such as {@code 2026-01-31T12:00:00Z}
 */
public record AsOf(String text) implements LakeQuery.Tables {
  @Override
  public void load(DuckSession session, LakeCatalog catalog, LakeTable table) throws SQLException {
    Table lake = catalog.load(table);
    long snapshot = snapshot(lake);
    session.load(
        lake,
        snapshot,
        table.namespace(),
        table.name(),
        DuckColumn.all(SnapshotUtil.schemaFor(lake, snapshot)));
  }

  /**
   * The snapshot that a table had then.
   *
   * @throws StackException when the table has no such tag, or no longer the snapshots of that time
   */
  private long snapshot(Table table) {
    SnapshotRef ref = table.refs().get(text);
    if (ref != null) {
      return ref.snapshotId();
    }
    try {
      return SnapshotUtil.snapshotIdAsOfTime(table, Instant.parse(text).toEpochMilli());
    } catch (DateTimeParseException e) {
      throw lacks(table, "no tag or branch '" + text + "', which is no time either", e);
    } catch (IllegalArgumentException e) {
      throw lacks(table, "no snapshots from before " + text + " any more", e);
    }
  }

  private static StackException lacks(Table table, String what, RuntimeException cause) {
    return new StackException(
        "%s has %s; its tags and branches are %s"
            .formatted(table.name(), what, String.join(", ", new TreeSet<>(table.refs().keySet()))),
        cause);
  }
}

package io.millrace.sink.lake;

import java.util.function.Supplier;
import org.apache.iceberg.PendingUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A change of what a table is, not of its rows.
 *
 * @param update not committed yet
 * @param what it does, for people
 */
record MetadataUpdate(PendingUpdate<?> update, String what) {
  private static final Logger LOG = LoggerFactory.getLogger(MetadataUpdate.class);
  private static final int ATTEMPTS = 10;

  /**
   * Commits changes until there is none to make; {@code table} is up to date afterwards. The
   * committer and other writers commit to the table at the same time, so a lost race is tried
   * again.
   *
   * @param next plans the next change of the table as it is; null when there is none
   */
  static void commitAll(Table table, Supplier<@Nullable MetadataUpdate> next) {
    int lost = 0;
    while (true) {
      MetadataUpdate change = next.get();
      if (change == null) {
        return;
      }
      try {
        change.update().commit();
        LOG.info("Evolved lake table {}: {}", table.name(), change.what());
      } catch (CommitFailedException e) {
        if (++lost == ATTEMPTS) {
          throw e;
        }
        table.refresh();
      }
    }
  }
}

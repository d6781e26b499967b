package io.millrace.sink.maintenance;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;

/**
 * Files in a table's directory that nothing needs: what broken transactions left, and what expiry
 * was killed before deleting.
 *
 * @param files their locations
 * @param bytes of them
 * @param more whether there are more than were asked for
 */
public record OrphanFiles(List<String> files, long bytes, boolean more) {
  /** Keeps its own copy. */
  public OrphanFiles {
    files = List.copyOf(files);
  }

  /**
   * Looks for them.
   *
   * @param table is read anew
   * @param pending files that are about to come into the table; asked before the table is read
   * @param olderThan when files last changed that no open transaction can still bring in
   * @param most how many to find
   * @throws IllegalStateException when it cannot be told which files the table has
   */
  static OrphanFiles find(Table table, Supplier<Set<String>> pending, Instant olderThan, int most) {
    if (!(table.io() instanceof SupportsPrefixOperations store)) {
      throw new IllegalStateException(
          "the files of lake table %s cannot be listed: %s does not do that; choose another io-impl"
              .formatted(table.name(), table.io().getClass().getSimpleName()));
    }
    FileSet awaited = new FileSet();
    pending.get().forEach(awaited::add);
    table.refresh();
    FileSet needed = ReachableFiles.of(table);
    List<String> orphans = new ArrayList<>();
    long bytes = 0;
    long known = 0;
    boolean more = false;
    for (FileInfo file : store.listPrefix(directory(table))) {
      if (needed.contains(file.location())) {
        known++;
      } else if (file.createdAtMillis() < olderThan.toEpochMilli()
          && !awaited.contains(file.location())) {
        more = orphans.size() == most;
        if (!more) {
          orphans.add(file.location());
          bytes += file.size();
        }
      }
    }
    requireSameNames(table, known);
    return new OrphanFiles(orphans, bytes, more);
  }

  /** With the slash, for another table's name may begin as this one's does. */
  private static String directory(Table table) {
    String location = table.location();
    return location.endsWith("/") ? location : location + "/";
  }

  /** A table always has a metadata file: if none was met, all files would be orphans. */
  private static void requireSameNames(Table table, long known) {
    if (known == 0) {
      throw new IllegalStateException(
          ("no file that lake table %s has is listed in %s: its store lists them by other names, or"
                  + " they are somewhere else. Nothing was removed; set maintenance.enabled to"
                  + " false for the table")
              .formatted(table.name(), directory(table)));
    }
  }

  /**
   * Deletes them.
   *
   * @return how many were still there
   */
  int delete(FileIO io) {
    int deleted = 0;
    for (String file : files) {
      try {
        io.deleteFile(file);
        deleted++;
      } catch (NotFoundException e) {
        // somebody else's doing
      }
    }
    return deleted;
  }
}

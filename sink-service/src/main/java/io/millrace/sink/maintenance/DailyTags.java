package io.millrace.sink.maintenance;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;

/**
 * Which snapshots are the last of their days, in UTC. A day without a commit has none. What a day's
 * last snapshot was is certain when the next of the table is there and of a later day, or when the
 * table has no next and the day is over; snapshots that have expired meanwhile leave days without a
 * tag, and never with a wrong one.
 */
final class DailyTags {
  private static final String TAG = "day-";

  /** A commit takes its time before it is tried, and may be tried again. */
  private static final Duration LATEST_COMMIT = Duration.ofMinutes(2);

  private DailyTags() {}

  /** A snapshot and when it was made. */
  record Made(long snapshot, Instant at) {}

  /**
   * Tags that a table lacks, with their snapshots.
   *
   * @param keep age of a snapshot from which on it gets none
   */
  static Map<String, Long> missing(Table table, Duration keep, Instant now) {
    List<Made> snapshots = new ArrayList<>();
    for (Snapshot snapshot : SnapshotUtil.currentAncestors(table)) {
      snapshots.add(
          new Made(snapshot.snapshotId(), Instant.ofEpochMilli(snapshot.timestampMillis())));
    }
    Map<String, Long> missing = new TreeMap<>();
    for (Made last : lastOfDays(snapshots, now)) {
      String tag = TAG + day(last.at());
      if (!table.refs().containsKey(tag) && last.at().isAfter(now.minus(keep))) {
        missing.put(tag, last.snapshot());
      }
    }
    return missing;
  }

  /**
   * Those that are certain.
   *
   * @param snapshots each the next one's child, from the newest back to one whose parent has gone
   */
  static List<Made> lastOfDays(List<Made> snapshots, Instant now) {
    List<Made> last = new ArrayList<>();
    LocalDate next = day(now.minus(LATEST_COMMIT));
    for (Made snapshot : snapshots) {
      LocalDate day = day(snapshot.at());
      if (day.isBefore(next)) {
        last.add(snapshot);
        next = day;
      }
    }
    return last;
  }

  private static LocalDate day(Instant at) {
    return LocalDate.ofInstant(at, ZoneOffset.UTC);
  }
}

package io.millrace.sink.maintenance;

import static java.util.stream.Collectors.toSet;

import io.millrace.pipeline.Maintenance;
import io.millrace.sink.commit.TableProgress;
import io.millrace.sink.lake.LakeCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.ManageSnapshots;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.PropertyUtil;

/**
 * Which snapshots of a table are to go. Snapshots are named one by one, not by their age, so that
 * one that is the newest now never goes, whatever another writer commits meanwhile.
 *
 * <p>Where another writer has moved rows of a table that has a key index, the index still says
 * where they stood, and what deletes them reads the old files. So the last snapshot with these gets
 * a tag, which keeps it from every engine's expiry. Tags of days come first, too.
 *
 * @param expired ids of snapshots, oldest first
 * @param held snapshots to be tagged for the index
 * @param daily snapshots to be tagged as the last of their days
 * @param keepDaily age of a snapshot at which Iceberg removes its tag of the day
 */
public record SnapshotExpiry(
    List<Long> expired, Map<String, Long> held, Map<String, Long> daily, Duration keepDaily) {
  private static final String TAG = "millrace-moved-rows-";

  /** Keeps its own copies. */
  public SnapshotExpiry {
    expired = List.copyOf(expired);
    held = Map.copyOf(held);
    daily = Map.copyOf(daily);
  }

  /**
   * Plans the expiry of a table as it was loaded.
   *
   * @param policy says whether days get tags
   * @param keep age at which snapshots go
   * @param most how many may go
   */
  static SnapshotExpiry plan(
      Table table, Maintenance policy, Duration keep, int most, Instant now) {
    Map<String, Long> held = held(table);
    Map<String, Long> daily =
        policy.tagDaily() ? DailyTags.missing(table, policy.keepDailyTags(), now) : Map.of();
    Set<Long> kept = table.refs().values().stream().map(SnapshotRef::snapshotId).collect(toSet());
    kept.addAll(held.values());
    kept.addAll(daily.values());
    List<Long> expired =
        StreamSupport.stream(table.snapshots().spliterator(), false)
            .filter(snapshot -> snapshot.timestampMillis() < now.minus(keep).toEpochMilli())
            .map(Snapshot::snapshotId)
            .filter(id -> !kept.contains(id))
            .limit(most)
            .toList();
    return new SnapshotExpiry(expired, held, daily, policy.keepDailyTags());
  }

  private static Map<String, Long> held(Table table) {
    Map<String, Long> held = new HashMap<>();
    if (!LakeCatalog.hasDeletionVectors(((HasTableOperations) table).operations().current())) {
      return held;
    }
    for (Snapshot snapshot : table.snapshots()) {
      Long parent = snapshot.parentId();
      String tag = TAG + snapshot.snapshotId();
      if (!TableProgress.isSaidBy(snapshot)
          && removesRows(snapshot)
          && parent != null
          && table.snapshot(parent) != null
          && !table.refs().containsKey(tag)) {
        held.put(tag, parent);
      }
    }
    return held;
  }

  private static boolean removesRows(Snapshot snapshot) {
    return PropertyUtil.propertyAsLong(snapshot.summary(), SnapshotSummary.DELETED_FILES_PROP, 0)
        > 0;
  }

  /** Carries it out: tags first. Killed before the end, it leaves files as orphans. */
  void run(Table table) {
    if (!held.isEmpty() || !daily.isEmpty()) {
      ManageSnapshots tags = table.manageSnapshots();
      held.forEach(tags::createTag);
      daily.forEach(
          (tag, snapshot) ->
              tags.createTag(tag, snapshot).setMaxRefAgeMs(tag, keepDaily.toMillis()));
      tags.commit();
    }
    if (!expired.isEmpty()) {
      // None by the age that the table's properties say.
      ExpireSnapshots expire = table.expireSnapshots().expireOlderThan(0);
      expired.forEach(expire::expireSnapshotId);
      expire.commit();
    }
  }
}

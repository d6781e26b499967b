package io.millrace.cdc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A snapshot of all tables under a new slot, and what it takes to put it on top of topics that hold
 * something already: rows that it did not see have vanished, those of append-only tables that are
 * there need not come again, and its positions are behind all earlier ones.
 */
final class FullSnapshot {
  private final CdcSettings settings;
  private final LiveKeys rows;
  private final long highest;
  private final long base;

  /** By topic, how far it was written before; none of an initial snapshot. */
  private final Map<String, Map<Integer, Long>> marks = new HashMap<>();

  /** By topic of an append-only table, the rows that it has. */
  private final Map<String, KeyOffsets> appended = new HashMap<>();

  /** By topic, how many of these the snapshot has seen. */
  private final Map<String, Integer> seen = new HashMap<>();

  /** By topic, rows of the source without a form. */
  private final Map<String, KeyOffsets> kept = new HashMap<>();

  private FullSnapshot(CdcSettings settings, LiveKeys rows, long highest, long base) {
    this.settings = settings;
    this.rows = rows;
    this.highest = highest;
    this.base = base;
  }

  /** Into empty topics. */
  static FullSnapshot initial(CdcSettings settings, LiveKeys rows) {
    return new FullSnapshot(settings, rows, -1, 0);
  }

  /**
   * On top of what the topics hold.
   *
   * @param before the last offset, whatever it stands for now
   */
  static FullSnapshot again(
      CdcSettings settings, LiveKeys rows, SourceOffset before, Iterable<ChangeTopic> topics) {
    FullSnapshot snapshot =
        new FullSnapshot(settings, rows, before.lsn() + before.base(), before.base());
    for (ChangeTopic topic : topics) {
      if (topic.table().appendOnly()) {
        KeyOffsets keys = new KeyOffsets();
        rows.forEach(topic.topic(), Map.of(), row -> keys.alive(row.key(), row.offset()));
        snapshot.appended.put(topic.topic(), keys);
      } else {
        snapshot.marks.put(topic.topic(), rows.ends(topic.topic()));
      }
    }
    return snapshot;
  }

  /** Whether nothing was captured before. */
  boolean isInitial() {
    return highest < 0;
  }

  /**
   * Where the rows stand.
   *
   * @param lsn before any change the slot will send: those of older transactions stand before it
   * @param base what positions have over LSNs from now on
   */
  record Place(long lsn, long base) {}

  /** Where the rows stand, once the slot is there. */
  Place place() {
    long lsn = slot().restartLsn();
    return new Place(lsn, lsn + base > highest ? base : highest + 1 - lsn);
  }

  /**
   * Checks that the slot sends all that is committed after the snapshot.
   *
   * @param lsn the snapshot's consistent point
   */
  void verify(long lsn) {
    if (Long.compareUnsigned(slot().confirmedLsn(), lsn) > 0) {
      throw new UncapturableException(
          "Replication slot %s was replaced in the midst of the snapshot"
              .formatted(settings.slot().name()));
    }
  }

  private ReplicationSlot.State slot() {
    try (Connection connection = settings.database().connect()) {
      return settings
          .slot()
          .state(connection)
          .orElseThrow(
              () ->
                  new UncapturableException(
                      "Replication slot %s is gone in the midst of the snapshot"
                          .formatted(settings.slot().name())));
    } catch (SQLException e) {
      throw new IllegalStateException("The replication slot could not be read", e);
    }
  }

  /** Whether the topic of an append-only table has this row of the snapshot already. */
  boolean isAppended(ChangeTopic topic, byte[] key) {
    KeyOffsets keys = appended.get(topic.topic());
    boolean there = keys != null && keys.contains(key);
    if (there) {
      seen.merge(topic.topic(), 1, Integer::sum);
    }
    return there;
  }

  /** How many rows the topic of an append-only table has that the table does not have any more. */
  int goneFromAppendOnly(ChangeTopic topic) {
    KeyOffsets keys = appended.get(topic.topic());
    return keys == null ? 0 : keys.size() - seen.getOrDefault(topic.topic(), 0);
  }

  /** The source has this row, though it was not sent: it has not vanished. */
  void keep(ChangeTopic topic, byte[] key) {
    kept.computeIfAbsent(topic.topic(), any -> new KeyOffsets()).alive(key, 0);
  }

  /** Gives the rows of a topic that the snapshot, all of which has been sent, did not see. */
  void forEachVanished(ChangeTopic topic, Consumer<ConsumerRecord<byte[], byte[]>> vanished) {
    Map<Integer, Long> before = marks.get(topic.topic());
    if (before != null) {
      KeyOffsets present = kept.getOrDefault(topic.topic(), new KeyOffsets());
      rows.forEachBefore(
          topic.topic(),
          before,
          row -> {
            if (!present.contains(row.key())) {
              vanished.accept(row);
            }
          });
    }
  }
}

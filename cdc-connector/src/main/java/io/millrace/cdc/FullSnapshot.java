package io.millrace.cdc;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A snapshot of all tables under a new slot, and what it takes to put it on top of topics that hold
 * something already: rows that it did not see have vanished, those of append-only tables that are
 * there need not come again, and its places are behind all earlier ones.
 */
final class FullSnapshot {
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

  private FullSnapshot(LiveKeys rows, long highest, long base) {
    this.rows = rows;
    this.highest = highest;
    this.base = base;
  }

  /** Into empty topics. */
  static FullSnapshot initial(LiveKeys rows) {
    return new FullSnapshot(rows, -1, 0);
  }

  /**
   * On top of what the topics hold.
   *
   * @param highest of the places that changes have there
   * @param base what these have over positions of the log
   * @throws IllegalStateException when a table without a key has rows there
   */
  static FullSnapshot again(LiveKeys rows, long highest, long base, Iterable<ChangeTopic> topics) {
    FullSnapshot snapshot = new FullSnapshot(rows, highest, base);
    for (ChangeTopic topic : topics) {
      if (topic.table().isKeyless()) {
        KeylessSnapshot.requireEmpty(topic, rows);
      } else if (topic.table().appendOnly()) {
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

  /** What places have over positions from now on, when the rows stand at {@code position}. */
  long base(long position) {
    return position + base > highest ? base : highest + 1 - position;
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

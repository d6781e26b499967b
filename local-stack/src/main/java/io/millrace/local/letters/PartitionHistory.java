package io.millrace.local.letters;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millrace.schemas.DeadLetter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * The records of one partition that letters are about, and what stands behind them there. Told of
 * the partition's records in their order.
 */
final class PartitionHistory {
  private final TreeMap<Long, Original> originals = new TreeMap<>();
  private final Map<ByteBuffer, List<Original>> byKey = new HashMap<>();

  /** A record that stages could not use. */
  static final class Original {
    private final long offset;
    private final long root;
    private final byte[] key;
    private final List<Letter> letters = new ArrayList<>();
    private byte @Nullable [] value;
    private boolean isPresent;
    private @Nullable Long newer;

    private Original(long offset, long root, byte[] key) {
      this.offset = offset;
      this.root = root;
      this.key = key;
    }

    long offset() {
      return offset;
    }

    /** Offset of the record that the source wrote, of which this one may be a replay. */
    long root() {
      return root;
    }

    byte[] key() {
      return key;
    }

    byte @Nullable [] value() {
      return value;
    }

    /** Of each stage one or more: a record may fail in several views. */
    List<Letter> letters() {
      return letters;
    }

    /**
     * Whether nothing of the key stands behind it. A record that is gone was compacted away, for
     * something newer of its key; that may be gone too, if it was a tombstone.
     */
    boolean isNewest() {
      return isPresent && newer == null;
    }

    /** Offset of something newer; null when none was seen. */
    @Nullable Long newer() {
      return newer;
    }

    private void forget() {
      isPresent = false;
      newer = null;
    }

    private void see(ConsumerRecord<byte[], byte[]> record) {
      if (record.offset() == offset) {
        value = record.value();
        isPresent = letters.stream().allMatch(letter -> isRecordOf(letter, record));
      } else if (record.offset() > offset && !isReplayOf(record, root)) {
        newer = record.offset();
      }
    }

    private static boolean isRecordOf(Letter letter, ConsumerRecord<byte[], byte[]> record) {
      return letter.isCut() || Arrays.equals(letter.record().value(), record.value());
    }
  }

  /** Adds a letter about a record of the partition. */
  void add(Place origin, byte[] key, Letter letter) {
    Original original =
        originals.computeIfAbsent(
            origin.offset(),
            offset -> {
              String root = letter.headers().get(DeadLetter.REPLAY_OF);
              Original added =
                  new Original(offset, root == null ? offset : Long.parseLong(root), key);
              byKey.computeIfAbsent(ByteBuffer.wrap(key), any -> new ArrayList<>()).add(added);
              return added;
            });
    original.letters.add(letter);
  }

  Collection<Original> originals() {
    return originals.values();
  }

  /** Where the oldest of the records stands. */
  long start() {
    return originals.firstKey();
  }

  /** Begins to read anew: what was seen before may have been aborted since. */
  void forget() {
    originals.values().forEach(Original::forget);
  }

  /** Takes the next record of the partition. */
  void see(ConsumerRecord<byte[], byte[]> record) {
    if (record.key() != null) {
      byKey
          .getOrDefault(ByteBuffer.wrap(record.key()), List.of())
          .forEach(original -> original.see(record));
    }
  }

  /** Whether a record was put there by a replay of the record at an offset. */
  private static boolean isReplayOf(ConsumerRecord<byte[], byte[]> record, long offset) {
    Header header = record.headers().lastHeader(DeadLetter.REPLAY_OF);
    return header != null && new String(header.value(), US_ASCII).equals(String.valueOf(offset));
  }
}

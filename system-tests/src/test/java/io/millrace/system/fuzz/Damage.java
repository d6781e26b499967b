package io.millrace.system.fuzz;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** What may be wrong with a record. */
enum Damage {
  NONE,
  FLIPPED_KEY,
  FLIPPED_VALUE,
  CUT_KEY,
  CUT_VALUE,
  LONGER_KEY,
  LONGER_VALUE,
  WRONG_MAGIC_BYTE,
  UNKNOWN_ID,
  FOREIGN_ID,
  EMPTY_KEY,
  EMPTY_VALUE,
  HUGE_VALUE;

  private static final int HEADER = 5;
  private static final int HUGE = 900_000;

  /** Kinds that are dear are rare. */
  static Damage any(Random random) {
    Damage damage = values()[random.nextInt(values().length)];
    return damage == HUGE_VALUE && random.nextInt(500) > 0 ? NONE : damage;
  }

  /** Whether no reader of the topic can read the record. */
  boolean isFatal() {
    return switch (this) {
      case CUT_VALUE,
          LONGER_VALUE,
          WRONG_MAGIC_BYTE,
          UNKNOWN_ID,
          FOREIGN_ID,
          EMPTY_VALUE,
          HUGE_VALUE ->
          true;
      default -> false;
    };
  }

  /** Whether the key is damaged, so that the record may be of a row that there never was. */
  boolean isOfKey() {
    return switch (this) {
      case FLIPPED_KEY, CUT_KEY, LONGER_KEY, EMPTY_KEY -> true;
      default -> false;
    };
  }

  byte[] key(byte[] key, Random random) {
    return switch (this) {
      case FLIPPED_KEY -> flipped(key, random);
      case CUT_KEY -> Arrays.copyOf(key, random.nextInt(key.length));
      case LONGER_KEY -> Arrays.copyOf(key, key.length + 1 + random.nextInt(8));
      case EMPTY_KEY -> new byte[0];
      default -> key;
    };
  }

  /**
   * Damages a value.
   *
   * @param foreign ids of other topics' schemas
   */
  byte[] value(byte[] value, List<Integer> foreign, Random random) {
    return switch (this) {
      case FLIPPED_VALUE -> flipped(value, random);
      case CUT_VALUE -> Arrays.copyOf(value, random.nextInt(value.length));
      case LONGER_VALUE -> Arrays.copyOf(value, value.length + 1 + random.nextInt(8));
      case WRONG_MAGIC_BYTE -> {
        byte[] wrong = value.clone();
        wrong[0] = (byte) (1 + random.nextInt(255));
        yield wrong;
      }
      case UNKNOWN_ID ->
          withId(
              value,
              random.nextBoolean() ? 1_000_000 + random.nextInt(50) : -random.nextInt(9) - 1);
      case FOREIGN_ID -> withId(value, foreign.get(random.nextInt(foreign.size())));
      case EMPTY_VALUE -> new byte[0];
      case HUGE_VALUE -> {
        byte[] huge = new byte[HUGE];
        random.nextBytes(huge);
        System.arraycopy(value, 0, huge, 0, value.length);
        yield huge;
      }
      default -> value;
    };
  }

  /** One to four bits, behind the schema id: ids are damaged by themselves. */
  private static byte[] flipped(byte[] bytes, Random random) {
    byte[] flipped = bytes.clone();
    for (int bits = 1 + random.nextInt(4); bits > 0; bits--) {
      int at = HEADER + random.nextInt(bytes.length - HEADER);
      flipped[at] ^= (byte) (1 << random.nextInt(8));
    }
    return flipped;
  }

  private static byte[] withId(byte[] value, int id) {
    byte[] other = value.clone();
    ByteBuffer.wrap(other).putInt(1, id);
    return other;
  }
}

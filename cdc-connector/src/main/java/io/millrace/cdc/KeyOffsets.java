package io.millrace.cdc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Where the last record of each key of one partition stands. A hash table over one long list of
 * bytes: a key costs its own bytes, 12 more, and a slot of 11 to 21, instead of a few objects.
 */
final class KeyOffsets {
  private static final int CHUNK = 1 << 20;
  private static final int POSITION_BITS = 40;
  private static final long POSITION = (1L << POSITION_BITS) - 1;
  private static final int ENTRY = Long.BYTES + Integer.BYTES;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  /** Of a key whose last record is a tombstone. */
  private static final long DEAD = -1;

  /** Entries: offset, length of the key, key. None goes over the end of a chunk. */
  private final List<byte[]> chunks = new ArrayList<>();

  private int used;
  private final CRC32C crc = new CRC32C();

  /** Free when 0; otherwise a part of the key's hash, then one more than where its entry begins. */
  private long[] slots = new long[1 << 10];

  private int size;

  /** The key's last record stands at {@code offset}. */
  void alive(byte[] key, long offset) {
    put(key, offset);
  }

  /** The key's last record is a tombstone. */
  void dead(byte[] key) {
    put(key, DEAD);
  }

  /** Whether the key was seen, dead or alive. */
  boolean contains(byte[] key) {
    return slots[find(key, hash(key, 0, key.length))] != 0;
  }

  /** Keys seen, dead ones too. */
  int size() {
    return size;
  }

  /** Offsets of the last records of all keys that are alive, ascending. */
  long[] aliveOffsets() {
    long[] offsets = new long[size];
    int count = 0;
    for (long slot : slots) {
      if (slot != 0) {
        long position = position(slot);
        long offset = (long) LONG.get(chunk(position), within(position));
        if (offset != DEAD) {
          offsets[count++] = offset;
        }
      }
    }
    long[] alive = Arrays.copyOf(offsets, count);
    Arrays.sort(alive);
    return alive;
  }

  private void put(byte[] key, long offset) {
    long hash = hash(key, 0, key.length);
    int index = find(key, hash);
    long slot = slots[index];
    if (slot != 0) {
      LONG.set(chunk(position(slot)), within(position(slot)), offset);
      return;
    }
    slots[index] = (hash & ~POSITION) | (append(key, offset) + 1);
    size++;
    if (size > slots.length / 4 * 3) {
      grow();
    }
  }

  /** The slot that the key has, or would have. */
  private int find(byte[] key, long hash) {
    long tag = hash & ~POSITION;
    int index = index(hash);
    while (slots[index] != 0) {
      long slot = slots[index];
      if ((slot & ~POSITION) == tag && holds(position(slot), key)) {
        return index;
      }
      index = (index + 1) & (slots.length - 1);
    }
    return index;
  }

  private boolean holds(long position, byte[] key) {
    byte[] chunk = chunk(position);
    int start = within(position) + ENTRY;
    int length = keyLength(position);
    return length == key.length && Arrays.equals(chunk, start, start + length, key, 0, length);
  }

  private long append(byte[] key, long offset) {
    if (chunks.isEmpty() || chunks.getLast().length - used < ENTRY + key.length) {
      chunks.add(new byte[Math.max(CHUNK, ENTRY + key.length)]);
      used = 0;
    }
    byte[] chunk = chunks.getLast();
    long position = (long) (chunks.size() - 1) * CHUNK + used;
    LONG.set(chunk, used, offset);
    INT.set(chunk, used + Long.BYTES, key.length);
    System.arraycopy(key, 0, chunk, used + ENTRY, key.length);
    used += ENTRY + key.length;
    return position;
  }

  private void grow() {
    long[] before = slots;
    slots = new long[before.length * 2];
    for (long slot : before) {
      if (slot != 0) {
        long position = position(slot);
        int index = index(hash(chunk(position), within(position) + ENTRY, keyLength(position)));
        while (slots[index] != 0) {
          index = (index + 1) & (slots.length - 1);
        }
        slots[index] = slot;
      }
    }
  }

  private int keyLength(long position) {
    return (int) INT.get(chunk(position), within(position) + Long.BYTES);
  }

  private byte[] chunk(long position) {
    return chunks.get((int) (position / CHUNK));
  }

  private static int within(long position) {
    return (int) (position % CHUNK);
  }

  private static long position(long slot) {
    return (slot & POSITION) - 1;
  }

  /** The upper bits are the tag, the lower ones the slot. */
  private int index(long hash) {
    return (int) hash & (slots.length - 1);
  }

  private long hash(byte[] bytes, int start, int length) {
    crc.reset();
    crc.update(bytes, start, length);
    long mixed = crc.getValue() * 0x9E3779B97F4A7C15L;
    return mixed ^ mixed >>> 32;
  }
}

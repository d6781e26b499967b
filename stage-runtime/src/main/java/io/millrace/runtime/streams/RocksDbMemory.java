package io.millrace.runtime.streams;

import java.util.Map;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * Memory that all state stores of a process share, outside the heap: blocks read, indexes, filters
 * and write buffers together stay within one bound, however many stores and partitions there are.
 *
 * <p>Half of it is divided among the stores' write buffers beforehand. RocksDB's own way to stay
 * within a bound flushes the store that is written to next, however little it holds: a few stores
 * with full buffers that rest would make the others write files of a few rows.
 */
public final class RocksDbMemory implements AutoCloseable {
  /** The Kafka Streams setting under which {@link BoundedRocksDb} finds the memory. */
  public static final String SETTING = "millrace.rocksdb.memory";

  private static final double HIGH_PRIORITY = 0.2;

  /** Few, so that none is too small for what it is to hold; so are the threads that want one. */
  private static final int SHARD_BITS = 1;

  private static final long SMALLEST_WRITE_BUFFER = 256 << 10;
  private static final long LARGEST_WRITE_BUFFER = 16 << 20;

  private final Cache blocks;
  private final WriteBufferManager writeBuffers;
  private final long writeBufferBytes;

  /**
   * Memory of {@code bytes}.
   *
   * @param stores that share it when one process runs all tasks
   */
  public RocksDbMemory(long bytes, int stores) {
    RocksDB.loadLibrary();
    this.blocks = new LRUCache(bytes, SHARD_BITS, false, HIGH_PRIORITY);
    this.writeBufferBytes =
        Math.clamp(bytes / 2 / Math.max(1, stores), SMALLEST_WRITE_BUFFER, LARGEST_WRITE_BUFFER);
    this.writeBuffers = new WriteBufferManager(bytes, blocks);
  }

  static RocksDbMemory from(Map<String, Object> settings) {
    if (settings.get(SETTING) instanceof RocksDbMemory memory) {
      return memory;
    }
    throw new IllegalArgumentException("Kafka Streams setting " + SETTING + " is missing");
  }

  Cache blocks() {
    return blocks;
  }

  WriteBufferManager writeBuffers() {
    return writeBuffers;
  }

  long writeBufferBytes() {
    return writeBufferBytes;
  }

  /** To be called when all stores are closed. */
  @Override
  public void close() {
    writeBuffers.close();
    blocks.close();
  }
}

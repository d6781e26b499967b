package io.millrace.runtime.streams;

import java.util.Map;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * Memory that all state stores of a process share, outside the heap: blocks read, indexes, filters
 * and write buffers together stay within one bound, however many stores and partitions there are.
 */
final class RocksDbMemory implements AutoCloseable {
  /** The Kafka Streams setting under which {@link BoundedRocksDb} finds the memory. */
  static final String SETTING = "millrace.rocksdb.memory";

  private static final double HIGH_PRIORITY = 0.2;

  private final Cache blocks;
  private final WriteBufferManager writeBuffers;
  private final long writeBufferBytes;

  /** Memory of {@code bytes}, at most half of them write buffers. */
  RocksDbMemory(long bytes) {
    RocksDB.loadLibrary();
    this.blocks = new LRUCache(bytes, -1, false, HIGH_PRIORITY);
    this.writeBufferBytes = bytes / 2;
    this.writeBuffers = new WriteBufferManager(writeBufferBytes, blocks);
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

package io.millrace.sink.writer;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much heap the rows of all tasks may take until they are committed. Above it tasks ask for an
 * early commit. Thread-safe.
 */
public final class BufferLimit {
  private final long most;
  private final AtomicLong used = new AtomicLong();

  /**
   * A limit.
   *
   * @param most bytes
   */
  public BufferLimit(long most) {
    this.most = most;
  }

  /** A task's buffer grew, or shrank by a negative number of bytes; whether it is too much now. */
  boolean add(long bytes) {
    return used.addAndGet(bytes) > most;
  }
}

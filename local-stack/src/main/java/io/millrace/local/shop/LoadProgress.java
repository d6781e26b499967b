package io.millrace.local.shop;

import java.util.concurrent.atomic.LongAdder;

/** Counts what a load has committed. Thread-safe. */
public final class LoadProgress {
  private final LongAdder changes = new LongAdder();
  private final LongAdder transactions = new LongAdder();

  void committed(long rows) {
    changes.add(rows);
    transactions.increment();
  }

  /** Rows inserted, updated and deleted so far. */
  public long changes() {
    return changes.sum();
  }

  /** Transactions committed so far. */
  public long transactions() {
    return transactions.sum();
  }
}

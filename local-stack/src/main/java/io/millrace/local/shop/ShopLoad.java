package io.millrace.local.shop;

import java.sql.SQLException;
import java.util.function.BooleanSupplier;

/** Something that changes the shop's data, transaction by transaction. Not thread-safe. */
public interface ShopLoad {
  /**
   * Goes on from where the last call stopped.
   *
   * @param jdbcUrl of the shop database
   * @param pace how fast
   * @param stop asked after each transaction; true ends the call
   * @return whether there is more to come
   * @throws InterruptedException when interrupted; what was committed is counted
   */
  boolean run(String jdbcUrl, Pace pace, BooleanSupplier stop)
      throws SQLException, InterruptedException;

  /** What it has committed; may be read by other threads. */
  LoadProgress progress();
}

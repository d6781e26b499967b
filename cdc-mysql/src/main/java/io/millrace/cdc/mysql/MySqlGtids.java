package io.millrace.cdc.mysql;

import com.github.shyiko.mysql.binlog.GtidSet;
import io.millrace.cdc.binlog.GtidSets;

/** MySQL's sets: of each server the intervals of its transactions, {@code uuid:1-5:7}. */
final class MySqlGtids implements GtidSets {
  @Override
  public String with(String set, String gtid) {
    GtidSet more = new GtidSet(set);
    more.add(gtid);
    return more.toString();
  }

  @Override
  public String including(String set, String passed) {
    return isWithin(set, passed) ? passed : set;
  }

  @Override
  public boolean contains(String set, String gtid) {
    return isWithin(gtid, set);
  }

  /** Whether a set has no tags, which MySQL has from 8.3 on and {@link GtidSet} has not. */
  static boolean isPlain(String set) {
    return !set.matches("(?s).*:\\s*[A-Za-z_].*");
  }

  /** Whether every transaction of {@code some} is in {@code all}. */
  static boolean isWithin(String some, String all) {
    return new GtidSet(some).isContainedWithin(new GtidSet(all));
  }
}

package io.millrace.cdc.binlog;

/** Sets of global transaction identifiers, as a kind of server writes them. */
public interface GtidSets {
  /** The set with a transaction more. */
  String with(String set, String gtid);

  /**
   * The set with what Debezium says was read before a transaction began: statements that no record
   * of its tells of.
   */
  default String including(String set, String passed) {
    return set;
  }

  /** Whether a transaction, or every one of another set, is in the set. */
  boolean contains(String set, String gtids);
}

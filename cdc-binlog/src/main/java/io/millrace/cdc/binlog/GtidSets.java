package io.millrace.cdc.binlog;

/** Sets of global transaction identifiers, as a kind of server writes them. */
public interface GtidSets {
  /** The set with a transaction more. */
  String with(String set, String gtid);

  /** Whether a transaction is in the set. */
  boolean contains(String set, String gtid);
}

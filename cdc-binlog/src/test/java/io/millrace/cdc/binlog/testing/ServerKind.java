package io.millrace.cdc.binlog.testing;

import io.millrace.cdc.binlog.BinlogServer;

/** A kind of server, for the tests that every kind has to pass. */
public interface ServerKind {
  /** What is tested. */
  BinlogServer server();

  /** Class name of its main program. */
  String program();

  /**
   * Starts a server that can be captured, with an empty {@code sql_mode}.
   *
   * @param options of the server, which change that
   */
  DatabaseServer start(String... options);
}

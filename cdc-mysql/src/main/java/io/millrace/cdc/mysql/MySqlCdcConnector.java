package io.millrace.cdc.mysql;

import io.millrace.cdc.CdcConnector;
import io.millrace.cdc.binlog.BinlogSource;
import io.millrace.cdc.binlog.UtcZone;
import io.millrace.pipeline.Source;

/** The main program of cdc-connector for MySQL. */
public final class MySqlCdcConnector {
  private MySqlCdcConnector() {}

  /** Runs the connector until it is told to stop. */
  public static void main(String[] args) {
    UtcZone.set();
    CdcConnector.run(args, Source.MYSQL, file -> new BinlogSource(new MySqlServer(), file));
  }
}

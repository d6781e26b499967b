package io.millrace.cdc.mariadb;

import io.millrace.cdc.CdcConnector;
import io.millrace.cdc.binlog.BinlogSource;
import io.millrace.cdc.binlog.UtcZone;
import io.millrace.pipeline.Source;

/** The main program of cdc-connector for MariaDB. */
public final class MariaDbCdcConnector {
  private MariaDbCdcConnector() {}

  /** Runs the connector until it is told to stop. */
  public static void main(String[] args) {
    UtcZone.set();
    CdcConnector.run(args, Source.MARIADB, file -> new BinlogSource(new MariaDbServer(), file));
  }
}

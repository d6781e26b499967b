package io.millrace.cdc.mariadb;

import io.millrace.cdc.binlog.testing.CheckTests;
import java.util.List;

class CheckIT extends CheckTests {
  CheckIT() {
    super(
        new MariaDb(),
        new Wrong(
            List.of("--binlog-format=MIXED", "--binlog-row-image=MINIMAL"),
            List.of("SET GLOBAL log_bin_compress = ON"),
            "inet6",
            List.of(
                "GRANT RELOAD, REPLICATION SLAVE, BINLOG MONITOR ON *.* TO 'poor'@'%'",
                "SET GLOBAL log_bin_compress = OFF")));
  }
}

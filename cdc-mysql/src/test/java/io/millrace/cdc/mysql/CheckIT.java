package io.millrace.cdc.mysql;

import io.millrace.cdc.binlog.testing.CheckTests;
import java.util.List;

class CheckIT extends CheckTests {
  CheckIT() {
    super(
        new MySql(),
        new Wrong(
            List.of(
                "--binlog-format=MIXED",
                "--binlog-row-image=MINIMAL",
                "--binlog-row-value-options=PARTIAL_JSON",
                "--gtid-mode=OFF",
                "--enforce-gtid-consistency=OFF"),
            List.of(),
            "point",
            List.of(
                "GRANT RELOAD, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'poor'@'%'",
                "SET PERSIST gtid_mode = ON;", "SET PERSIST binlog_row_value_options = '';")));
  }
}

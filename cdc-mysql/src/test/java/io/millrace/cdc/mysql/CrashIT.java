package io.millrace.cdc.mysql;

import io.millrace.cdc.binlog.testing.CrashTests;
import io.millrace.cdc.binlog.testing.Servers;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(MySql.Extension.class)
class CrashIT extends CrashTests {
  CrashIT(Servers servers) {
    super(servers);
  }
}

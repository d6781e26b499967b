package io.millrace.cdc.mariadb;

import io.millrace.cdc.binlog.testing.CrashTests;
import io.millrace.cdc.binlog.testing.Servers;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(MariaDb.Extension.class)
class CrashIT extends CrashTests {
  CrashIT(Servers servers) {
    super(servers);
  }
}

package io.millrace.cdc.mariadb;

import io.millrace.cdc.binlog.testing.ExactnessTests;
import io.millrace.cdc.binlog.testing.Servers;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(MariaDb.Extension.class)
class ExactnessIT extends ExactnessTests {
  ExactnessIT(Servers servers) {
    super(servers);
  }
}

package io.millrace.cdc.mysql;

import io.millrace.cdc.binlog.testing.Servers;
import io.millrace.cdc.binlog.testing.TableSnapshotTests;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(MySql.Extension.class)
class TableSnapshotIT extends TableSnapshotTests {
  TableSnapshotIT(Servers servers) {
    super(servers);
  }
}

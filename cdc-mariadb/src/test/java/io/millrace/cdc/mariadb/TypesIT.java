package io.millrace.cdc.mariadb;

import static io.millrace.cdc.binlog.testing.TypeColumn.column;

import io.millrace.cdc.binlog.testing.Servers;
import io.millrace.cdc.binlog.testing.TypeColumn;
import io.millrace.cdc.binlog.testing.TypesTests;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(MariaDb.Extension.class)
class TypesIT extends TypesTests {
  TypesIT(Servers servers) {
    super(
        servers,
        List.of(
            column("earliest timestamp(6) NULL").with("FROM_UNIXTIME(0.000001)", 1L),
            column("longest time(6)")
                .with("'-838:59:59.999999'", -(((838L * 60 + 59) * 60 + 59) * 1_000_000 + 999_999))
                .with("'838:59:59.999999'", ((838L * 60 + 59) * 60 + 59) * 1_000_000 + 999_999),
            column("j json")
                .with("'\"\"'", "\"\"")
                .with("'{\"b\": 1,   \"a\": [1.50]}'", "{\"b\": 1,   \"a\": [1.50]}")
                .with("'null'", "null")
                .withNull(),
            uuids()));
  }

  private static TypeColumn uuids() {
    TypeColumn uuids = column("u uuid");
    for (String uuid :
        List.of(
            "00000000-0000-0000-0000-000000000000",
            "123e4567-e89b-12d3-a456-426614174000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "0188e5f0-0000-7000-8000-0000000000ff")) {
      uuids = uuids.with("'" + uuid + "'", uuid);
    }
    return uuids.withNull();
  }
}

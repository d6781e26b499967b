package io.millrace.cdc.mariadb;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cdc.Reader;
import io.millrace.cdc.RunningStage;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Every captured type at its edges, by snapshot and by stream: both must say the same. */
@ExtendWith(Servers.Extension.class)
class TypesIT {
  private static final String TABLE =
      """
      CREATE TABLE every_type (
        id int PRIMARY KEY AUTO_INCREMENT,
        ti tinyint DEFAULT 1, tu tinyint unsigned, t1 tinyint(1), su smallint unsigned NOT NULL
        DEFAULT '7', mi mediumint, mu mediumint unsigned, i int, iu int unsigned, zf int(5) zerofill,
        b bigint, bu bigint unsigned, de decimal(38,10), du decimal(10,2) unsigned DEFAULT 1.5,
        b1 bit(1) DEFAULT b'1', b5 bit(5), b63 bit(63), b64 bit(64),
        d date NOT NULL DEFAULT '0000-00-00', dt datetime(6) NOT NULL DEFAULT '0000-00-00',
        dt0 datetime DEFAULT '2000-01-01',
        ts timestamp(6) NULL DEFAULT CURRENT_TIMESTAMP(6), ti6 time(6), ti0 time, y year,
        c char(5), v varchar(20) DEFAULT 'none', vb varchar(20) COLLATE utf8mb4_bin,
        vl varchar(20) CHARACTER SET latin1, va varchar(9) CHARACTER SET ascii,
        tt tinytext, tx text CHARACTER SET latin1, mt mediumtext, lt longtext,
        e enum('x','it''s','ž a','') DEFAULT 'x', s set('p','q','ž'), j json, u uuid,
        bi binary(4), vbi varbinary(10), bl blob, lb longblob)
      """;

  private static final String COLUMNS =
      """
      INSERT INTO every_type (ti,tu,t1,su,mi,mu,i,iu,zf,b,bu,de,du,b1,b5,b63,b64,d,dt,dt0,ts,ti6,ti0,
        y,c,v,vb,vl,va,tt,tx,mt,lt,e,s,j,u,bi,vbi,bl,lb) VALUES
      """;

  private static final String EDGES =
      """
      (-128, 0, -128, 0, -8388608, 0, -2147483648, 0, 0, -9223372036854775808, 0,
       -9999999999999999999999999999.9999999999, 0, b'0', b'0', b'0', b'0',
       '0001-01-01', '0001-01-01 00:00:00', '1582-10-10 00:00:00', FROM_UNIXTIME(0.000001),
       '-838:59:59.999999', '-838:59:59', 1901, '', '', '', '', '', '', '', '', '', '', '', '""',
       '00000000-0000-0000-0000-000000000000', x'', x'', x'', x''),
      (127, 255, 127, 65535, 8388607, 16777215, 2147483647, 4294967295, 4294967295,
       9223372036854775807, 18446744073709551615, 9999999999999999999999999999.9999999999,
       99999999.99, b'1', b'11111', 9223372036854775807, 18446744073709551615, '9999-12-31',
       '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59', FROM_UNIXTIME(2147483647.999999),
       '838:59:59.999999', '838:59:59', 2155, 'ab  ', 'cd  ', _utf8mb4 x'C5BEF09F908E', 'é€ÿ',
       'ascii', 'ž', 'é€', 'ž€', _utf8mb4 x'C5BEF09F908E0A225C', 'ž a', 'p,ž',
       '{"b": 1,   "a": [1.50]}', '123e4567-e89b-12d3-a456-426614174000', x'01020000', x'0100',
       x'00ff10', x'00'),
      (0, 1, 1, 1, 1, 8388608, 1, 2147483648, 42, 1, 9223372036854775808, 0.0000000001, 0.01, b'1',
       b'10101', 1, 1, '0000-00-00', '0000-00-00 00:00:00', '2024-00-10 00:00:00', '0000-00-00',
       '-00:00:00.000001', '24:00:00', '0000', 'x', 'y', 'z', 'v', 'u', 't', 's', 'r', 'q', 'it''s',
       'q', '[1]', 'ffffffff-ffff-ffff-ffff-ffffffffffff', x'00000001', x'00', x'01', x'02'),
      (0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, b'1', b'1', 1, 1, '2024-02-29',
       '2024-03-31 02:30:00.000009', '1986-01-01 00:10:00', FROM_UNIXTIME(1711848600.000009),
       '23:59:59.000003', '00:00:01', 1970, 'x', 'y', 'z', 'v', 'u', 't', 's', 'r', 'q', '', '',
       'null', '0188e5f0-0000-7000-8000-0000000000ff', x'01', x'00', x'01', x'02'),
      (null, null, null, 0, null, null, null, null, null, null, null, null, null, null, null, null,
       null, '1969-12-31', '1969-12-31 23:59:59.999999', null, null, null, null, null, null, null,
       null, null, null, null, null, null, null, null, null, null, null, null, null, null, null)
      """;

  private static final int ROWS = 5;

  private final LocalSchemaRegistry registry = new LocalSchemaRegistry();
  private final Servers servers;
  private final String name;

  TypesIT(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
  }

  private void insert() throws Exception {
    try (Connection session = servers.mariaDb().connect()) {
      MariaDb.run(session, "USE " + name);
      MariaDb.run(session, "SET NAMES utf8mb4, sql_mode = '', time_zone = '+05:45'");
      MariaDb.run(session, COLUMNS + EDGES);
    }
  }

  @Test
  void snapshotAndStreamCarryEveryTypeWithoutLoss() throws Exception {
    // given
    try (Connection session = servers.mariaDb().connect()) {
      MariaDb.run(session, "USE " + name);
      MariaDb.run(session, "SET sql_mode = ''");
      MariaDb.run(session, TABLE);
    }
    insert();
    PipelineFile file = servers.file(name, "every_type");

    // when
    List<Reader.Change> changes;
    try (RunningStage connector = servers.connector(file, registry).streaming();
        Reader reader = new Reader(file, registry, name + ".cdc.every_type")) {
      insert();
      changes =
          reader.changes(2 * ROWS).stream()
              .sorted(Comparator.comparing(change -> (Integer) change.after().values()[0]))
              .toList();
      assertThat(connector.fatal()).isEmpty();
    }

    // then
    assertThat(changes).hasSize(2 * ROWS);
    for (int row = 0; row < ROWS; row++) {
      assertThat(row(changes.get(row + ROWS)))
          .as("row %d streamed as read", row)
          .containsExactly(row(changes.get(row)));
    }
    assertThat(row(changes.get(0)))
        .containsExactly(
            -128,
            0,
            -128,
            0,
            -8388608,
            0,
            Integer.MIN_VALUE,
            0L,
            0L,
            Long.MIN_VALUE,
            BigDecimal.ZERO,
            new BigDecimal("-9999999999999999999999999999.9999999999"),
            new BigDecimal("0.00"),
            false,
            0L,
            0L,
            BigDecimal.ZERO,
            day("0001-01-01"),
            micros("0001-01-01T00:00"),
            micros("1582-10-10T00:00"),
            1L,
            -(((838L * 60 + 59) * 60 + 59) * 1_000_000 + 999_999),
            -((838L * 60 + 59) * 60 + 59) * 1_000_000,
            1901,
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "\"\"",
            "00000000-0000-0000-0000-000000000000",
            bytes(0, 0, 0, 0),
            bytes(),
            bytes(),
            bytes());
    assertThat(row(changes.get(1)))
        .containsExactly(
            127,
            255,
            127,
            65535,
            8388607,
            16777215,
            Integer.MAX_VALUE,
            4294967295L,
            4294967295L,
            Long.MAX_VALUE,
            new BigDecimal("18446744073709551615"),
            new BigDecimal("9999999999999999999999999999.9999999999"),
            new BigDecimal("99999999.99"),
            true,
            31L,
            Long.MAX_VALUE,
            new BigDecimal("18446744073709551615"),
            day("9999-12-31"),
            micros("9999-12-31T23:59:59.999999"),
            micros("9999-12-31T23:59:59"),
            2147483647_999_999L,
            ((838L * 60 + 59) * 60 + 59) * 1_000_000 + 999_999,
            ((838L * 60 + 59) * 60 + 59) * 1_000_000,
            2155,
            "ab",
            "cd  ",
            "ž🐎",
            "é€ÿ",
            "ascii",
            "ž",
            "é€",
            "ž€",
            "ž🐎\n\"\\",
            "ž a",
            "p,ž",
            "{\"b\": 1,   \"a\": [1.50]}",
            "123e4567-e89b-12d3-a456-426614174000",
            bytes(1, 2, 0, 0),
            bytes(1, 0),
            bytes(0, 255, 16),
            bytes(0));
    assertThat(Arrays.copyOfRange(row(changes.get(2)), 5, 24))
        .containsExactly(
            8388608,
            1,
            2147483648L,
            42L,
            1L,
            new BigDecimal("9223372036854775808"),
            new BigDecimal("0.0000000001"),
            new BigDecimal("0.01"),
            true,
            21L,
            1L,
            BigDecimal.ONE,
            null,
            null,
            null,
            null,
            -1L,
            86_400_000_000L,
            0);
    assertThat(Arrays.copyOfRange(row(changes.get(3)), 17, 24))
        .containsExactly(
            day("2024-02-29"),
            micros("2024-03-31T02:30:00.000009"),
            micros("1986-01-01T00:10"),
            1711848600_000_009L,
            86_399_000_003L,
            1_000_000L,
            1970);
    assertThat(row(changes.get(4))[17]).isEqualTo(-1);
    assertThat(row(changes.get(4))[18]).isEqualTo(-1L);
    assertThat(Arrays.copyOfRange(row(changes.get(4)), 19, 41)).containsOnlyNulls();
  }

  private static @Nullable Object[] row(Reader.Change change) {
    @Nullable Object[] values = change.after().values();
    return Arrays.copyOfRange(values, 1, values.length);
  }

  private static int day(String date) {
    return Math.toIntExact(LocalDate.parse(date).toEpochDay());
  }

  private static long micros(String time) {
    LocalDateTime parsed = LocalDateTime.parse(time);
    return ChronoUnit.MICROS.between(LocalDateTime.of(1970, 1, 1, 0, 0), parsed);
  }

  private static ByteBuffer bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return ByteBuffer.wrap(bytes);
  }
}

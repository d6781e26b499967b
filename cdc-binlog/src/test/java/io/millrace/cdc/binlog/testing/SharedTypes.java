package io.millrace.cdc.binlog.testing;

import static io.millrace.cdc.binlog.testing.TypeColumn.bytes;
import static io.millrace.cdc.binlog.testing.TypeColumn.column;
import static io.millrace.cdc.binlog.testing.TypeColumn.day;
import static io.millrace.cdc.binlog.testing.TypeColumn.micros;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** The types that every server with a binary log has, at their edges. */
final class SharedTypes {
  private SharedTypes() {}

  static List<TypeColumn> columns() {
    List<TypeColumn> columns = new ArrayList<>();
    columns.addAll(integers());
    columns.addAll(decimals());
    columns.addAll(bits());
    columns.addAll(times());
    columns.addAll(texts());
    columns.addAll(binaries());
    return columns;
  }

  private static List<TypeColumn> integers() {
    return List.of(
        column("ti tinyint DEFAULT 1").with("-128", -128).with("127", 127).with("0", 0).withNull(),
        column("tu tinyint unsigned").with("0", 0).with("255", 255).with("128", 128).withNull(),
        column("t1 tinyint(1)").with("-128", -128).with("127", 127).with("1", 1).withNull(),
        column("su smallint unsigned NOT NULL DEFAULT '7'").with("0", 0).with("65535", 65535),
        column("mi mediumint").with("-8388608", -8388608).with("8388607", 8388607).withNull(),
        column("mu mediumint unsigned")
            .with("0", 0)
            .with("16777215", 16777215)
            .with("8388608", 8388608)
            .withNull(),
        column("i int")
            .with("-2147483648", Integer.MIN_VALUE)
            .with("2147483647", Integer.MAX_VALUE)
            .withNull(),
        column("iu int unsigned")
            .with("0", 0L)
            .with("4294967295", 4294967295L)
            .with("2147483648", 2147483648L)
            .withNull(),
        column("zf int(5) zerofill").with("0", 0L).with("4294967295", 4294967295L).with("42", 42L),
        column("b bigint")
            .with("-9223372036854775808", Long.MIN_VALUE)
            .with("9223372036854775807", Long.MAX_VALUE)
            .withNull(),
        column("bu bigint unsigned")
            .with("0", BigDecimal.ZERO)
            .with("18446744073709551615", new BigDecimal("18446744073709551615"))
            .with("9223372036854775808", new BigDecimal("9223372036854775808"))
            .withNull());
  }

  private static List<TypeColumn> decimals() {
    TypeColumn large = column("de decimal(38,10)");
    for (String number :
        List.of(
            "-9999999999999999999999999999.9999999999",
            "9999999999999999999999999999.9999999999",
            "0.0000000001")) {
      large = large.with(number, new BigDecimal(number));
    }
    return List.of(
        large.withNull(),
        column("du decimal(10,2) unsigned DEFAULT 1.5")
            .with("0", new BigDecimal("0.00"))
            .with("99999999.99", new BigDecimal("99999999.99"))
            .with("0.01", new BigDecimal("0.01"))
            .withNull());
  }

  private static List<TypeColumn> bits() {
    return List.of(
        column("b1 bit(1) DEFAULT b'1'").with("b'0'", false).with("b'1'", true).withNull(),
        column("b5 bit(5)").with("b'0'", 0L).with("b'11111'", 31L).with("b'10101'", 21L).withNull(),
        column("b63 bit(63)").with("b'0'", 0L).with("9223372036854775807", Long.MAX_VALUE),
        column("b64 bit(64)")
            .with("b'0'", BigDecimal.ZERO)
            .with("18446744073709551615", new BigDecimal("18446744073709551615"))
            .with("1", BigDecimal.ONE)
            .withNull());
  }

  private static List<TypeColumn> times() {
    return List.of(
        column("d date NOT NULL DEFAULT '0000-00-00'")
            .with("'0001-01-01'", day("0001-01-01"))
            .with("'9999-12-31'", day("9999-12-31"))
            .with("'0000-00-00'", null)
            .with("'2024-00-10'", null)
            .with("'2024-02-29'", day("2024-02-29"))
            .with("'1969-12-31'", -1),
        column("dt datetime(6) NOT NULL DEFAULT '0000-00-00'")
            .with("'0001-01-01 00:00:00'", micros("0001-01-01T00:00"))
            .with("'9999-12-31 23:59:59.999999'", micros("9999-12-31T23:59:59.999999"))
            .with("'0000-00-00 00:00:00'", null)
            .with("'2024-03-31 02:30:00.000009'", micros("2024-03-31T02:30:00.000009"))
            .with("'1969-12-31 23:59:59.999999'", -1L),
        column("dt0 datetime DEFAULT '2000-01-01'")
            .with("'1582-10-10 00:00:00'", micros("1582-10-10T00:00"))
            .with("'9999-12-31 23:59:59'", micros("9999-12-31T23:59:59"))
            .with("'2024-00-10 00:00:00'", null)
            .with("'1986-01-01 00:10:00'", micros("1986-01-01T00:10"))
            .withNull(),
        column("ts timestamp(6) NULL DEFAULT CURRENT_TIMESTAMP(6)")
            .with("FROM_UNIXTIME(1.000001)", 1_000_001L)
            .with("FROM_UNIXTIME(2147483647.999999)", 2147483647_999_999L)
            .with("'0000-00-00'", null)
            .with("FROM_UNIXTIME(1711848600.000009)", 1711848600_000_009L)
            .withNull(),
        column("ti6 time(6)")
            .with("'-838:59:58.999999'", -(((838L * 60 + 59) * 60 + 58) * 1_000_000 + 999_999))
            .with("'838:59:58.999999'", ((838L * 60 + 59) * 60 + 58) * 1_000_000 + 999_999)
            .with("'-00:00:00.000001'", -1L)
            .with("'23:59:59.000003'", 86_399_000_003L)
            .withNull(),
        column("ti0 time")
            .with("'-838:59:59'", -((838L * 60 + 59) * 60 + 59) * 1_000_000)
            .with("'838:59:59'", ((838L * 60 + 59) * 60 + 59) * 1_000_000)
            .with("'24:00:00'", 86_400_000_000L)
            .with("'00:00:01'", 1_000_000L)
            .withNull(),
        column("y year")
            .with("1901", 1901)
            .with("2155", 2155)
            .with("'0000'", 0)
            .with("1970", 1970)
            .withNull());
  }

  private static List<TypeColumn> texts() {
    return List.of(
        column("c char(5)").with("''", "").with("'ab  '", "ab").withNull(),
        column("v varchar(20) DEFAULT 'none'").with("''", "").with("'cd  '", "cd  ").withNull(),
        column("vb varchar(20) COLLATE utf8mb4_bin")
            .with("''", "")
            .with("_utf8mb4 x'C5BEF09F908E'", "ž🐎")
            .withNull(),
        column("vl varchar(20) CHARACTER SET latin1").with("''", "").with("'é€ÿ'", "é€ÿ"),
        column("va varchar(9) CHARACTER SET ascii").with("''", "").with("'ascii'", "ascii"),
        column("tt tinytext").with("''", "").with("'ž'", "ž"),
        column("tx text CHARACTER SET latin1").with("''", "").with("'é€'", "é€"),
        column("mt mediumtext").with("''", "").with("'ž€'", "ž€").withNull(),
        column("lt longtext")
            .with("''", "")
            .with("_utf8mb4 x'C5BEF09F908E0A225C'", "ž🐎\n\"\\")
            .withNull(),
        column("e enum('x','it''s','ž a','') DEFAULT 'x'")
            .with("''", "")
            .with("'ž a'", "ž a")
            .with("'it''s'", "it's")
            .withNull(),
        column("s set('p','q','ž')").with("''", "").with("'p,ž'", "p,ž").with("'q'", "q"));
  }

  private static List<TypeColumn> binaries() {
    return List.of(
        column("bi binary(4)")
            .with("x''", bytes(0, 0, 0, 0))
            .with("x'01020000'", bytes(1, 2, 0, 0))
            .with("x'00000001'", bytes(0, 0, 0, 1))
            .withNull(),
        column("vbi varbinary(10)")
            .with("x''", bytes())
            .with("x'0100'", bytes(1, 0))
            .with("x'00'", bytes(0)),
        column("bl blob").with("x''", bytes()).with("x'00ff10'", bytes(0, 255, 16)).withNull(),
        column("lb longblob").with("x''", bytes()).with("x'00'", bytes(0)).withNull());
  }
}

package io.millrace.cdc.mysql;

import static io.millrace.cdc.binlog.testing.TypeColumn.column;

import io.millrace.cdc.binlog.testing.Servers;
import io.millrace.cdc.binlog.testing.TypeColumn;
import io.millrace.cdc.binlog.testing.TypesTests;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(MySql.Extension.class)
class TypesIT extends TypesTests {
  TypesIT(Servers servers) {
    super(
        servers,
        List.of(
            column("v9 varchar(9) COLLATE utf8mb4_0900_ai_ci").with("_utf8mb4 x'C5BE'", "ž"),
            column("longest time(6)")
                .with("'-838:59:59.999999'", -((838L * 60 + 59) * 60 + 59) * 1_000_000),
            documents(),
            numbers()));
  }

  /** In the server's own form: names in its order, one space after commas and colons. */
  private static TypeColumn documents() {
    return column("j json")
        .with("'{\"bb\": 1,   \"a\": [1.50]}'", "{\"a\": [1.5], \"bb\": 1}")
        .with("'[{}, [], \"\", true, false, null]'", "[{}, [], \"\", true, false, null]")
        .with(
            "JSON_QUOTE(_utf8mb4 x'225C0A090D0C081F2FC5BEF09F908E')",
            "\"\\\"\\\\\\n\\t\\r\\f\\b\\u001f/ž🐎\"")
        .with("CAST(TIME'-01:00:00' AS JSON)", "\"-01:00:00.000000\"")
        .with("CAST(TIME'23:59:58.000001' AS JSON)", "\"23:59:58.000001\"")
        .with(
            "CAST(TIMESTAMP'9999-12-31 23:59:59.999999' AS JSON)", "\"9999-12-31 23:59:59.999999\"")
        .with("CAST(DATE'2024-02-29' AS JSON)", "\"2024-02-29\"")
        .with("CAST(x'00FF' AS JSON)", "\"base64:type15:AP8=\"")
        .with("'null'", "null")
        .withNull();
  }

  private static TypeColumn numbers() {
    TypeColumn numbers =
        column("jn json")
            .with("CAST(1.50 AS JSON)", "1.50")
            .with(
                "CAST(12345678901234567890123456789012345.678901234567890123456789 AS JSON)",
                "12345678901234567890123456789012345.678901234567890123456789")
            .with("'1.0'", "1.0")
            .with("'-0.0'", "-0.0")
            .with("'1e2'", "100.0");
    for (String number :
        List.of(
            "-32768",
            "32768",
            "-2147483649",
            "9223372036854775807",
            "18446744073709551615",
            "0.1",
            "100000000000000.0",
            "1e15",
            "1234567890123456.8",
            "1.2345678901234568e17",
            "0.0000000000000015",
            "1.5e-16",
            "5e-324",
            "1.7976931348623157e308")) {
      numbers = numbers.with("'" + number + "'", number);
    }
    return numbers;
  }
}

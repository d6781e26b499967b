package io.millrace.cdc.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BinlogTypeTest {
  private static String type(String declared, int length, int scale, String charset) {
    return BinlogType.of(declared, length, scale, charset)
        .map(type -> type.type().toString())
        .orElse("none");
  }

  @Test
  void namesOfDefinitionsAndOfTheCatalogMeanTheSame() {
    assertThat(type("INTEGER", 0, 0, "")).isEqualTo(type("int", 10, 0, "")).isEqualTo("integer");
    assertThat(type("INT UNSIGNED ZEROFILL", 5, 0, "")).isEqualTo("bigint");
    assertThat(type("SERIAL", 0, 0, "")).isEqualTo("numeric(20,0)");
    assertThat(type("NUMERIC", 0, 0, "")).isEqualTo("numeric(10,0)");
    assertThat(type("decimal", 38, 30, "")).isEqualTo("numeric(38,30)");
    assertThat(type("BIT", 0, 0, "")).isEqualTo("boolean");
    assertThat(type("BIT", 64, 0, "")).isEqualTo("numeric(20,0)");
  }

  @Test
  void whatWouldLoseSomethingIsNone() {
    assertThat(type("DECIMAL", 39, 0, "")).isEqualTo("none");
    assertThat(type("VARCHAR", 9, 0, "utf16")).isEqualTo("none");
    assertThat(type("FLOAT", 0, 0, "")).isEqualTo("none");
    assertThat(type("DOUBLE", 0, 0, "")).isEqualTo("none");
    assertThat(type("INET6", 0, 0, "")).isEqualTo("none");
    assertThat(type("GEOMETRY", 0, 0, "")).isEqualTo("none");
  }
}

package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnTypeTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "int2|-1|integer|\"int\"",
        "int4|-1|integer|\"int\"",
        "int8|-1|bigint|\"long\"",
        "numeric|786438|numeric(12,2)"
            + "|{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":12,\"scale\":2}",
        "bool|-1|boolean|\"boolean\"",
        "text|-1|text|\"string\"",
        "varchar|24|text|\"string\"",
        "timestamptz|-1|timestamptz|{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}",
        "timestamp|-1|timestamp|{\"type\":\"long\",\"logicalType\":\"local-timestamp-micros\"}",
        "date|-1|date|{\"type\":\"int\",\"logicalType\":\"date\"}",
        "uuid|-1|uuid|{\"type\":\"string\",\"logicalType\":\"uuid\"}",
        "jsonb|-1|jsonb|{\"type\":\"string\",\"millrace.type\":\"jsonb\"}",
        "bytea|-1|bytea|\"bytes\"",
      })
  void everyCapturedTypeHasItsAvroTypeAndComesBackFromIt(
      String postgres, int modifier, String name, String avro) {
    // when
    ColumnType type = ColumnType.ofPostgres(postgres, modifier).orElseThrow();

    // then
    assertThat(type).hasToString(name);
    assertThat(type.avro()).isEqualTo(new Schema.Parser().parse(avro));
    assertThat(ColumnType.ofAvro(type.avro())).contains(type);
    Schema nullable = Schema.createUnion(Schema.create(Schema.Type.NULL), type.avro());
    assertThat(ColumnType.ofAvro(nullable)).contains(type);
  }

  @ParameterizedTest
  @ValueSource(strings = {"float4", "float8", "bpchar", "_int4", "time", "interval", "json", "xml"})
  void otherTypesAreNotCaptured(String postgres) {
    assertThat(ColumnType.ofPostgres(postgres, -1)).isEmpty();
  }

  @Test
  void numericIsCapturedOnlyWithAPrecisionThatFits() {
    assertThat(ColumnType.ofPostgres("numeric", -1)).isEmpty();
    assertThat(ColumnType.ofPostgres("numeric", modifier(38, 38)))
        .contains(ColumnType.decimal(38, 38));
    assertThat(ColumnType.ofPostgres("numeric", modifier(39, 0))).isEmpty();
    assertThat(ColumnType.ofPostgres("numeric", modifier(5, -2))).isEmpty();
    assertThat(ColumnType.ofPostgres("numeric", modifier(2, 3))).isEmpty();
  }

  /** As PostgreSQL makes it: make_numeric_typmod. */
  private static int modifier(int precision, int scale) {
    return ((precision << 16) | (scale & 0x7ff)) + 4;
  }

  @Test
  void aTypeWidensOnlyToOneThatHoldsAllItsValues() {
    // given
    ColumnType integer = ColumnType.of(ColumnType.Kind.INT);
    ColumnType bigint = ColumnType.of(ColumnType.Kind.LONG);
    ColumnType text = ColumnType.of(ColumnType.Kind.STRING);
    ColumnType money = ColumnType.decimal(12, 2);

    // then
    assertThat(integer.widensTo(bigint)).isTrue();
    assertThat(bigint.widensTo(integer)).isFalse();
    assertThat(money.widensTo(ColumnType.decimal(14, 2))).isTrue();
    for (ColumnType other :
        List.of(ColumnType.decimal(14, 3), ColumnType.decimal(10, 2), integer, text)) {
      assertThat(money.widensTo(other)).isFalse();
    }
    assertThat(text.widensTo(text)).isTrue();
    assertThat(text.widensTo(ColumnType.of(ColumnType.Kind.JSONB))).isFalse();
  }
}

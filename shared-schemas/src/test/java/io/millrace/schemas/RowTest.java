package io.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RowTest {
  private static final Schema SCHEMA =
      SchemaBuilder.record("r").fields().optionalString("a").optionalString("b").endRecord();

  @Test
  void isNullThroughoutAtFirst() {
    // when
    Row row = new Row(SCHEMA);

    // then
    assertThat(row.values()).containsExactly(null, null);
    assertThat(row.getSchema()).isSameAs(SCHEMA);
  }

  @Test
  void keepsItsArrayWithoutCopying() {
    // given
    @Nullable Object[] values = {"x", null};

    // when
    Row row = new Row(SCHEMA, values);
    row.put(1, "y");

    // then
    assertThat(row.values()).isSameAs(values);
    assertThat(row.get(1)).isEqualTo("y");
  }

  @Test
  void equalsByValuesScaleOfDecimalsIncluded() {
    // given
    Row row = new Row(SCHEMA, new @Nullable Object[] {new BigDecimal("1.0"), null});

    // when / then
    assertThat(row)
        .isEqualTo(new Row(SCHEMA, new @Nullable Object[] {new BigDecimal("1.0"), null}))
        .hasSameHashCodeAs(new Row(SCHEMA, new @Nullable Object[] {new BigDecimal("1.0"), null}))
        .isNotEqualTo(new Row(SCHEMA, new @Nullable Object[] {new BigDecimal("1.00"), null}));
  }
}

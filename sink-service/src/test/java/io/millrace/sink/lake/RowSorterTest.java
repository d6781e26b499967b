package io.millrace.sink.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowSorterTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "n", Types.IntegerType.get()),
          Types.NestedField.optional(2, "text", Types.StringType.get()),
          Types.NestedField.optional(3, "at", Types.TimestampType.withZone()),
          Types.NestedField.optional(4, "day", Types.DateType.get()),
          Types.NestedField.optional(5, "amount", Types.DecimalType.of(38, 9)),
          Types.NestedField.optional(6, "uid", Types.UUIDType.get()),
          Types.NestedField.optional(7, "raw", Types.BinaryType.get()),
          Types.NestedField.optional(8, "flag", Types.BooleanType.get()));

  /** In memory, in a few files, and with each row in a file of its own. */
  @ParameterizedTest
  @ValueSource(longs = {1 << 20, 4096, 1})
  void sortsRowsHoweverFewItHolds(long most) throws IOException {
    // given
    SortOrder order = SortOrder.builderFor(SCHEMA).desc("text").asc("n").build();
    Random random = new Random(1);
    List<List<@Nullable Object>> expected = new ArrayList<>();

    // when
    List<List<@Nullable Object>> actual = new ArrayList<>();
    try (RowSorter sorter = new RowSorter(SCHEMA, order, most)) {
      for (int i = 0; i < 100; i++) {
        StructLike row = row(random.nextInt(), random.nextInt(4));
        sorter.add(row);
        expected.add(values(row));
      }
      try (CloseableIterable<StructLike> sorted = sorter.sorted()) {
        sorted.forEach(row -> actual.add(values(row)));
      }
    }

    // then
    Comparator<List<@Nullable Object>> byText =
        Comparator.comparing(
            row -> row.get(1) == null ? null : row.get(1).toString(),
            Comparator.nullsLast(Comparator.reverseOrder()));
    expected.sort(byText.thenComparing(row -> (Integer) row.get(0)));
    assertThat(actual).isEqualTo(expected);
  }

  private static StructLike row(int n, int text) {
    GenericRecord row = GenericRecord.create(SCHEMA);
    row.set(0, n);
    if (text > 0) {
      row.set(1, "text" + text);
      row.set(2, n * 1_000L);
      row.set(3, text);
      row.set(4, new BigDecimal("-99999999999999999999999999999.99999999" + text));
      row.set(5, new UUID(n, text));
      row.set(6, ByteBuffer.wrap(new byte[] {0, (byte) text}));
      row.set(7, n > 0);
    }
    return row;
  }

  private static List<@Nullable Object> values(StructLike row) {
    List<@Nullable Object> values = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      Object value = row.get(i, Object.class);
      values.add(value instanceof CharSequence text ? text.toString() : value);
    }
    return values;
  }
}

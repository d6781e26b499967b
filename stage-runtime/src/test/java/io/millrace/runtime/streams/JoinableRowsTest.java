package io.millrace.runtime.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.schemas.Row;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class JoinableRowsTest {
  private static final Schema EMPTY =
      Schema.createRecord("row", null, null, false, Collections.emptyList());

  @Test
  void aValueIsTheSameInAWiderType() {
    assertThat(values(7, 1.5f)).isEqualTo(values(7L, 1.5d));
  }

  @Test
  void otherValuesAreOthers() {
    List<byte[]> all =
        List.of(
            values(1, 2),
            values(2, 1),
            values("12", ""),
            values("1", "2"),
            values(true, false),
            values(null, "1"),
            values("1", null),
            values(1.0d, 2),
            values(new BigDecimal("1.20"), 2),
            values(new BigDecimal("1.21"), 2),
            values(ByteBuffer.wrap(new byte[] {1}), 2));
    assertThat(all.stream().map(ByteBuffer::wrap)).doesNotHaveDuplicates();
  }

  private static byte[] values(@Nullable Object... values) {
    return JoinableRows.values(new Row(EMPTY, values));
  }
}

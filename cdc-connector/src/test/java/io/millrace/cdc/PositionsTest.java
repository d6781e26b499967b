package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.schemas.SourceMetadata;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PositionsTest {
  @ParameterizedTest
  @CsvSource({"0,0", "1,1", "81985529216486895,4294967295", "-1,16"})
  void isTheSharedSchemasPosition(long lsn, long order) {
    // given
    byte[] position = new byte[Positions.LENGTH];

    // when
    Positions.write(position, lsn, order);

    // then
    assertThat(new String(position, StandardCharsets.US_ASCII))
        .isEqualTo(SourceMetadata.postgresPosition(lsn, order));
  }

  @Test
  void refusesAnOrderThatWouldNotSort() {
    assertThatThrownBy(() -> Positions.write(new byte[Positions.LENGTH], 1, 1L << 32))
        .isInstanceOf(ArithmeticException.class);
  }
}

package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresTimeTest {
  @ParameterizedTest
  @CsvSource({
    "1970-01-01 00:00:00,0",
    "1969-12-31 23:59:59.999999,-1",
    "1970-01-01 05:45:00+05:45,0",
    "1969-12-31 19:00:00-05,0",
    "1970-01-01 00:00:00.5+00,500000",
    "0001-01-01 00:00:00 BC,-62167219200000000",
    "0044-03-15 17:41:16.000001+05:41:16 BC,-63517780799999999",
    "294246-12-31 23:59:59.999999,9223371244799999999",
    "294276-12-31 23:59:59.999999,9223372036854775807",
    "infinity,9223372036854775807",
    "-infinity,-9223372036854775808",
  })
  void readsTimestampsWithoutZoneOrCalendarOfTheJvm(String text, long micros) {
    assertThat(PostgresTime.micros(text)).isEqualTo(micros);
  }
}

package io.millrace.cdc.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MySqlGtidsTest {
  private static final String A = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
  private static final String B = "7c3f8b0e-0000-11ee-be56-0242ac120002";

  private final MySqlGtids sets = new MySqlGtids();

  @Test
  void aSetHasTheIntervalsOfEachServer() {
    assertThat(sets.with("", A + ":5")).isEqualTo(A + ":5-5");
    assertThat(sets.with(A + ":1-5", A + ":6")).isEqualTo(A + ":1-6");
    assertThat(sets.with(A + ":1-5:7", A + ":6")).isEqualTo(A + ":1-7");
    assertThat(sets.with(A + ":1-5", A + ":9")).isEqualTo(A + ":1-5:9-9");
    assertThat(sets.with(A + ":1-5", B + ":1")).isEqualTo(A + ":1-5," + B + ":1-1");
    assertThat(sets.contains(A + ":1-5:9", A + ":7")).isFalse();
    assertThat(sets.contains(A + ":1-5:9", A + ":9")).isTrue();
    assertThat(sets.contains(A + ":1-5", B + ":1")).isFalse();
    assertThat(sets.contains("", A + ":1")).isFalse();
  }

  @Test
  void aSetIsWithinAnother() {
    assertThat(MySqlGtids.isWithin(A + ":2-4", A + ":1-3:4-9," + B + ":1")).isTrue();
    assertThat(MySqlGtids.isWithin(A + ":2-4," + B + ":2", A + ":1-9," + B + ":1")).isFalse();
    assertThat(MySqlGtids.isWithin("", "")).isTrue();
    assertThat(MySqlGtids.isWithin(A + ":1", "")).isFalse();
  }

  @Test
  void tagsAreSeen() {
    assertThat(MySqlGtids.isPlain(A + ":1-5:7,\n" + B + ":1")).isTrue();
    assertThat(MySqlGtids.isPlain(A + ":1-5:backup:1-2")).isFalse();
    assertThat(MySqlGtids.isPlain("")).isTrue();
  }
}

package io.millrace.pipeline.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** Laws of the operators; {@link SourceSqlIT} compares them with PostgreSQL's. */
class SqlOperationsTest {
  @Property
  void integersAddExactlyOrFail(@ForAll int a, @ForAll int b) {
    // given
    BigInteger exact = BigInteger.valueOf(a).add(BigInteger.valueOf(b));

    // when, then
    if (exact.bitLength() < Integer.SIZE) {
      assertThat(SqlOperations.plus((Integer) a, (Integer) b)).isEqualTo(exact.intValue());
    } else {
      assertThatThrownBy(() -> SqlOperations.plus((Integer) a, (Integer) b))
          .isInstanceOf(ArithmeticException.class);
    }
  }

  @Property
  void aQuotientAndItsRemainderMakeTheDividend(@ForAll long a, @ForAll @LongRange(min = 1) long b) {
    // when
    Long quotient = SqlOperations.divide((Long) a, (Long) b);
    Long remainder = SqlOperations.mod((Long) a, (Long) b);

    // then
    assertThat(SqlOperations.plus(SqlOperations.times(quotient, (Long) b), remainder)).isEqualTo(a);
  }

  @Property
  void aTextIsItsTwoSubstrings(@ForAll String text, @ForAll @IntRange(max = 20) int place) {
    // when
    String head = SqlOperations.substring(text, 1, place);
    String tail = SqlOperations.substring(text, place + 1);

    // then
    assertThat(SqlOperations.concat(head, tail)).isEqualTo(text);
  }

  @Property
  void aTextIsLikeItselfEscaped(@ForAll String text) {
    // given
    String escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");

    // when, then
    assertThat(SqlOperations.like(text, SqlOperations.pattern(escaped, "\\"))).isTrue();
    assertThat(SqlOperations.like(text + "x", SqlOperations.pattern(escaped, "\\"))).isFalse();
    assertThat(SqlOperations.like(text, SqlOperations.pattern("%", "\\"))).isTrue();
  }

  @Property
  void trimmingTwiceIsTrimmingOnce(@ForAll String text) {
    // when
    String once = SqlOperations.trim(text, " ", true, true);

    // then
    assertThat(SqlOperations.trim(once, " ", true, true)).isEqualTo(once);
    assertThat(once).doesNotStartWith(" ").doesNotEndWith(" ");
  }

  @Property
  void aTimeIsInItsWindow(
      @ForAll @LongRange(min = -1L << 60, max = 1L << 60) long micros,
      @ForAll @LongRange(min = 1, max = 1L << 40) long size) {
    // when
    Long start = SqlOperations.windowStart(micros, size);

    // then
    assertThat(start).isNotNull().isBetween(micros - size + 1, micros);
    assertThat(start == null ? 1 : start % size).isZero();
  }

  @Property
  void aDecimalHasItsScaleAndIsNearestOrFails(@ForAll BigDecimal value) {
    // when, then
    try {
      BigDecimal scaled = SqlOperations.decimal(value, 12, 2);
      assertThat(scaled).isNotNull();
      assertThat(scaled == null ? -1 : scaled.scale()).isEqualTo(2);
      assertThat(value.subtract(scaled).abs()).isLessThanOrEqualTo(new BigDecimal("0.005"));
    } catch (ArithmeticException e) {
      assertThat(value.abs()).isGreaterThanOrEqualTo(new BigDecimal("9999999999.995"));
    }
  }

  @Property
  void junctionsOfTruthAreDual(@ForAll boolean a) {
    // when, then
    assertThat(SqlOperations.not(a)).isEqualTo(!a);
    assertThat(SqlOperations.same((Boolean) a, null)).isFalse();
    assertThat(SqlOperations.same((Boolean) null, null)).isTrue();
  }

  @Example
  void caseIsMappedCodePointByCodePoint() {
    // when, then
    assertThat(SqlOperations.upper("straße é 𐐨")).isEqualTo("STRAßE É 𐐀");
    assertThat(SqlOperations.lower("ΑΣ")).isEqualTo("ασ");
  }

  @Example
  void negativeLengthIsAnError() {
    // when, then
    assertThatThrownBy(() -> SqlOperations.substring("a", 1, -1))
        .isInstanceOf(ArithmeticException.class);
    assertThat(SqlOperations.substring("abc", -1, 3)).isEqualTo("a");
    assertThat(SqlOperations.substring("abc", 2, Integer.MAX_VALUE)).isEqualTo("bc");
  }
}

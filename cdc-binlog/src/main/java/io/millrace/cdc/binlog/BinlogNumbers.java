package io.millrace.cdc.binlog;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Numbers, as the log and as the driver give them. */
final class BinlogNumbers {
  private BinlogNumbers() {}

  /** An integer; the log gives unsigned ones as if they had a sign. */
  static @Nullable Long integer(@Nullable Object value, int bits, boolean unsigned) {
    return switch (value) {
      case null -> null;
      case Boolean truth -> truth ? 1L : 0L;
      case Number number ->
          unsigned && bits < Long.SIZE
              ? number.longValue() & (1L << bits) - 1
              : Long.valueOf(number.longValue());
      case String text -> new BigDecimal(text.strip()).longValue();
      default -> throw Unexpected.value("an integer", value);
    };
  }

  /** A BIGINT UNSIGNED; the log gives it as if it had a sign. */
  static @Nullable BigDecimal unsigned(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case BigDecimal decimal -> decimal;
      case BigInteger integer -> new BigDecimal(integer);
      case Long number -> new BigDecimal(Long.toUnsignedString(number));
      case Number number -> new BigDecimal(number.toString());
      case String text -> new BigDecimal(text.strip());
      default -> throw Unexpected.value("an unsigned bigint", value);
    };
  }

  static @Nullable BigDecimal decimal(@Nullable Object value, int scale) {
    return switch (value) {
      case null -> null;
      case BigDecimal decimal -> decimal.setScale(scale);
      case Number number -> new BigDecimal(number.toString()).setScale(scale);
      case String text -> new BigDecimal(text.strip()).setScale(scale);
      default -> throw Unexpected.value("a decimal", value);
    };
  }

  /** A BIT: from a snapshot as a number. */
  static @Nullable Long bits(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case BitSet set -> set.isEmpty() ? 0L : set.toLongArray()[0];
      case Number number -> number.longValue();
      case Boolean truth -> truth ? 1L : 0L;
      case byte[] bytes -> new BigInteger(1, bytes).longValue();
      default -> throw Unexpected.value("bits", value);
    };
  }
}

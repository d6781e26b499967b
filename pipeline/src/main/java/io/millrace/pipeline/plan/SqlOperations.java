package io.millrace.pipeline.plan;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the operators of views compute, null in, null out unless said otherwise. Each computes what
 * PostgreSQL does, or throws {@link ArithmeticException} where PostgreSQL reports an error. Called
 * by generated code, which is why it is public.
 */
public final class SqlOperations {
  private SqlOperations() {}

  public static @Nullable Integer plus(@Nullable Integer a, @Nullable Integer b) {
    return (a == null || b == null) ? null : (Integer) Math.addExact(a, b);
  }

  public static @Nullable Long plus(@Nullable Long a, @Nullable Long b) {
    return (a == null || b == null) ? null : (Long) Math.addExact(a, b);
  }

  public static @Nullable BigDecimal plus(@Nullable BigDecimal a, @Nullable BigDecimal b) {
    return (a == null || b == null) ? null : a.add(b);
  }

  public static @Nullable Integer minus(@Nullable Integer a, @Nullable Integer b) {
    return (a == null || b == null) ? null : (Integer) Math.subtractExact(a, b);
  }

  public static @Nullable Long minus(@Nullable Long a, @Nullable Long b) {
    return (a == null || b == null) ? null : (Long) Math.subtractExact(a, b);
  }

  public static @Nullable BigDecimal minus(@Nullable BigDecimal a, @Nullable BigDecimal b) {
    return (a == null || b == null) ? null : a.subtract(b);
  }

  public static @Nullable Integer times(@Nullable Integer a, @Nullable Integer b) {
    return (a == null || b == null) ? null : (Integer) Math.multiplyExact(a, b);
  }

  public static @Nullable Long times(@Nullable Long a, @Nullable Long b) {
    return (a == null || b == null) ? null : (Long) Math.multiplyExact(a, b);
  }

  public static @Nullable BigDecimal times(@Nullable BigDecimal a, @Nullable BigDecimal b) {
    return (a == null || b == null) ? null : a.multiply(b);
  }

  /** Rounds toward zero. */
  public static @Nullable Integer divide(@Nullable Integer a, @Nullable Integer b) {
    return (a == null || b == null) ? null : (Integer) Math.divideExact(a, b);
  }

  /** Rounds toward zero. */
  public static @Nullable Long divide(@Nullable Long a, @Nullable Long b) {
    return (a == null || b == null) ? null : (Long) Math.divideExact(a, b);
  }

  /** Has the sign of {@code a}. */
  public static @Nullable Integer mod(@Nullable Integer a, @Nullable Integer b) {
    return (a == null || b == null) ? null : (Integer) (a % b);
  }

  /** Has the sign of {@code a}. */
  public static @Nullable Long mod(@Nullable Long a, @Nullable Long b) {
    return (a == null || b == null) ? null : (Long) (a % b);
  }

  /** Has the sign of {@code a}. */
  public static @Nullable BigDecimal mod(@Nullable BigDecimal a, @Nullable BigDecimal b) {
    return (a == null || b == null) ? null : a.remainder(b);
  }

  public static @Nullable Integer negate(@Nullable Integer a) {
    return a == null ? null : (Integer) Math.negateExact(a);
  }

  public static @Nullable Long negate(@Nullable Long a) {
    return a == null ? null : (Long) Math.negateExact(a);
  }

  public static @Nullable BigDecimal negate(@Nullable BigDecimal a) {
    return a == null ? null : a.negate();
  }

  public static @Nullable Integer abs(@Nullable Integer a) {
    return a == null ? null : (Integer) Math.absExact(a);
  }

  public static @Nullable Long abs(@Nullable Long a) {
    return a == null ? null : (Long) Math.absExact(a);
  }

  public static @Nullable BigDecimal abs(@Nullable BigDecimal a) {
    return a == null ? null : a.abs();
  }

  public static @Nullable Long toLong(@Nullable Integer a) {
    return a == null ? null : (Long) (long) a;
  }

  public static @Nullable Integer toInteger(@Nullable Long a) {
    return a == null ? null : (Integer) Math.toIntExact(a);
  }

  /** Rounds half away from zero. */
  public static @Nullable Integer toInteger(@Nullable BigDecimal a) {
    return a == null ? null : (Integer) a.setScale(0, RoundingMode.HALF_UP).intValueExact();
  }

  /** Rounds half away from zero. */
  public static @Nullable Long toLong(@Nullable BigDecimal a) {
    return a == null ? null : (Long) a.setScale(0, RoundingMode.HALF_UP).longValueExact();
  }

  public static @Nullable BigDecimal toDecimal(@Nullable Integer a) {
    return a == null ? null : BigDecimal.valueOf(a);
  }

  public static @Nullable BigDecimal toDecimal(@Nullable Long a) {
    return a == null ? null : BigDecimal.valueOf(a);
  }

  /**
   * The value with exactly this scale, rounded half away from zero.
   *
   * @throws ArithmeticException if it has more digits than {@code precision}
   */
  public static @Nullable BigDecimal decimal(@Nullable BigDecimal a, int precision, int scale) {
    if (a == null) {
      return null;
    }
    BigDecimal scaled = a.scale() == scale ? a : a.setScale(scale, RoundingMode.HALF_UP);
    if (scaled.precision() > precision && scaled.signum() != 0) {
      throw new ArithmeticException(
          "a number has more digits than DECIMAL(" + precision + ", " + scale + ") holds");
    }
    return scaled;
  }

  public static @Nullable String text(@Nullable Object a) {
    return a == null ? null : a.toString();
  }

  public static <T extends Comparable<T>> @Nullable Boolean equal(@Nullable T a, @Nullable T b) {
    return (a == null || b == null) ? null : (Boolean) (a.compareTo(b) == 0);
  }

  public static <T extends Comparable<T>> @Nullable Boolean notEqual(@Nullable T a, @Nullable T b) {
    return (a == null || b == null) ? null : (Boolean) (a.compareTo(b) != 0);
  }

  public static <T extends Comparable<T>> @Nullable Boolean less(@Nullable T a, @Nullable T b) {
    return (a == null || b == null) ? null : (Boolean) (a.compareTo(b) < 0);
  }

  public static <T extends Comparable<T>> @Nullable Boolean lessOrEqual(
      @Nullable T a, @Nullable T b) {
    return (a == null || b == null) ? null : (Boolean) (a.compareTo(b) <= 0);
  }

  /** Null equals null; never null. */
  public static <T extends Comparable<T>> Boolean same(@Nullable T a, @Nullable T b) {
    return a == null ? b == null : b != null && a.compareTo(b) == 0;
  }

  /** Three-valued; neither is false. */
  public static @Nullable Boolean andNotFalse(@Nullable Boolean a, @Nullable Boolean b) {
    return (a == null || b == null) ? null : Boolean.TRUE;
  }

  public static @Nullable Boolean not(@Nullable Boolean a) {
    return a == null ? null : (Boolean) !a;
  }

  public static @Nullable String concat(@Nullable String a, @Nullable String b) {
    return (a == null || b == null) ? null : a.concat(b);
  }

  /** Maps each code point alone, as PostgreSQL does in a UTF-8 locale: ß stays ß. */
  public static @Nullable String upper(@Nullable String a) {
    return a == null
        ? null
        : a.codePoints()
            .map(Character::toUpperCase)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
  }

  /** Maps each code point alone, as PostgreSQL does in a UTF-8 locale. */
  public static @Nullable String lower(@Nullable String a) {
    return a == null
        ? null
        : a.codePoints()
            .map(Character::toLowerCase)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
  }

  /** Counts code points. */
  public static @Nullable Integer charLength(@Nullable String a) {
    return a == null ? null : (Integer) a.codePointCount(0, a.length());
  }

  /** The text from a place on, counted from 1 in code points. */
  public static @Nullable String substring(@Nullable String a, @Nullable Integer start) {
    return a == null || start == null ? null : slice(a, start, Long.MAX_VALUE);
  }

  /** {@code length} code points from a place on, of which those before the text count too. */
  public static @Nullable String substring(
      @Nullable String a, @Nullable Integer start, @Nullable Integer length) {
    if (a == null || start == null || length == null) {
      return null;
    }
    if (length < 0) {
      throw new ArithmeticException("negative substring length");
    }
    return slice(a, start, (long) start + length);
  }

  private static String slice(String a, long start, long end) {
    int length = a.codePointCount(0, a.length());
    int from = Math.clamp(start - 1, 0, length);
    int to = Math.clamp(end - 1, from, length);
    return a.substring(a.offsetByCodePoints(0, from), a.offsetByCodePoints(0, to));
  }

  /** Without the leading and trailing occurrences of one character. */
  public static @Nullable String trim(
      @Nullable String a, String character, boolean leading, boolean trailing) {
    if (a == null) {
      return null;
    }
    int from = 0;
    int to = a.length();
    while (leading && from < to && a.startsWith(character, from)) {
      from += character.length();
    }
    while (trailing && from < to && a.substring(from, to).endsWith(character)) {
      to -= character.length();
    }
    return a.substring(from, to);
  }

  public static @Nullable Boolean like(@Nullable String a, Pattern pattern) {
    return a == null ? null : (Boolean) pattern.matcher(a).matches();
  }

  /**
   * A LIKE pattern.
   *
   * @param escape the character that takes the meaning from the next; empty for none
   * @throws IllegalArgumentException if {@code escape} is longer, or ends the pattern
   */
  public static Pattern pattern(String like, String escape) {
    if (escape.codePointCount(0, escape.length()) > 1) {
      throw new IllegalArgumentException("an ESCAPE is one character");
    }
    StringBuilder regex = new StringBuilder();
    int[] characters = like.codePoints().toArray();
    for (int i = 0; i < characters.length; i++) {
      String character = Character.toString(characters[i]);
      if (character.equals(escape)) {
        i++;
        if (i == characters.length) {
          throw new IllegalArgumentException("a pattern must not end with its escape character");
        }
        regex.append(Pattern.quote(Character.toString(characters[i])));
      } else {
        regex.append(
            switch (character) {
              case "%" -> ".*";
              case "_" -> ".";
              default -> Pattern.quote(character);
            });
      }
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }

  /** Start of the window that holds a time; windows are aligned to the epoch. */
  public static @Nullable Long windowStart(@Nullable Long micros, long size) {
    return micros == null ? null : (Long) (Math.floorDiv(micros, size) * size);
  }
}

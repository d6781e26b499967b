package io.millrace.pipeline.plan;

import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Makes up SQL expressions over the columns of {@link SourceSqlIT}'s table. */
final class RandomExpressions {
  private final Random random;

  RandomExpressions(long seed) {
    this.random = new Random(seed);
  }

  private String pick(String... candidates) {
    return candidates[random.nextInt(candidates.length)];
  }

  @SafeVarargs
  private String choose(Supplier<String>... candidates) {
    return candidates[random.nextInt(candidates.length)].get();
  }

  /**
   * A literal or {@code other}. Only ever an operand beside one that is not constant: PostgreSQL
   * computes constants when it plans, and may so avoid an error.
   */
  private String or(Supplier<String> other, String... literals) {
    return random.nextInt(3) == 0 ? pick(literals) : other.get();
  }

  private String integerOr(Supplier<String> other) {
    return or(other, "0", "1", "-7", "2147483647", "3");
  }

  private String bigintOr(Supplier<String> other) {
    return or(other, "3000000000", "-9223372036854775807", "2");
  }

  private String decimalOr(Supplier<String> other) {
    return or(other, "0.5", "-12.345", "0.00", "99999999.99");
  }

  /** An expression of any type. */
  String any(int depth) {
    return choose(
        () -> integer(depth),
        () -> bigint(depth),
        () -> decimal(depth),
        () -> text(depth),
        () -> condition(depth),
        () -> condition(depth),
        () -> date(depth),
        () -> timestamp(depth),
        () -> timestamptz(depth),
        () -> uuid(depth));
  }

  private String cases(Supplier<String> value, int depth) {
    return choose(
        () ->
            "CASE WHEN %s THEN %s ELSE %s END"
                .formatted(condition(depth - 1), value.get(), value.get()),
        () ->
            "CASE WHEN %s THEN %s WHEN %s THEN %s END"
                .formatted(condition(depth - 1), value.get(), condition(depth - 1), value.get()),
        () -> "COALESCE(%s, %s)".formatted(value.get(), value.get()),
        () -> "NULLIF(%s, %s)".formatted(value.get(), value.get()));
  }

  private String integer(int depth) {
    if (depth == 0) {
      return pick("i", "i", "i2", "\"select\"");
    }
    Supplier<String> one = () -> integer(depth - 1);
    return choose(
        () -> "(%s + %s)".formatted(one.get(), integerOr(one)),
        () -> "(%s - %s)".formatted(one.get(), integerOr(one)),
        () -> "(%s * %s)".formatted(one.get(), integerOr(one)),
        () -> "(%s / %s)".formatted(one.get(), integerOr(one)),
        () -> "(%s %% %s)".formatted(one.get(), integerOr(one)),
        () -> "MOD(%s, %s)".formatted(one.get(), integerOr(one)),
        () -> "(- %s)".formatted(one.get()),
        () -> "ABS(%s)".formatted(one.get()),
        () -> "CHAR_LENGTH(%s)".formatted(text(depth - 1)),
        () -> "CAST(%s AS INTEGER)".formatted(number(depth - 1)),
        () -> cases(one, depth));
  }

  private String bigint(int depth) {
    if (depth == 0) {
      return pick("b", "b2");
    }
    Supplier<String> one = () -> bigint(depth - 1);
    return choose(
        () -> "(%s + %s)".formatted(one.get(), integer(depth - 1)),
        () -> "(%s - %s)".formatted(integer(depth - 1), one.get()),
        () -> "(%s * %s)".formatted(one.get(), integer(depth - 1)),
        () -> "(%s / %s)".formatted(one.get(), bigintOr(one)),
        () -> "MOD(%s, %s)".formatted(integer(depth - 1), one.get()),
        () -> "MOD(%s, %s)".formatted(one.get(), integer(depth - 1)),
        () -> "(- %s)".formatted(one.get()),
        () -> "ABS(%s)".formatted(one.get()),
        () -> "CAST(%s AS BIGINT)".formatted(number(depth - 1)),
        () -> cases(one, depth));
  }

  private String decimal(int depth) {
    if (depth == 0) {
      return pick("n", "n", "m", "w");
    }
    Supplier<String> one = () -> decimal(depth - 1);
    return choose(
        () -> "(%s + %s)".formatted(one.get(), number(depth - 1)),
        () -> "(%s - %s)".formatted(number(depth - 1), one.get()),
        () -> "(%s * %s)".formatted(one.get(), number(depth - 1)),
        () -> "MOD(%s, %s)".formatted(one.get(), decimalOr(one)),
        () -> "MOD(%s, %s)".formatted(integer(depth - 1), one.get()),
        () -> "(- %s)".formatted(one.get()),
        () -> "ABS(%s)".formatted(one.get()),
        () ->
            "CAST(%s AS DECIMAL(%s))".formatted(number(depth - 1), pick("38, 2", "20, 0", "9, 4")),
        () -> cases(one, depth));
  }

  private String number(int depth) {
    return choose(() -> integer(depth), () -> bigint(depth), () -> decimal(depth));
  }

  private String text(int depth) {
    if (depth == 0) {
      return pick("s", "s2");
    }
    Supplier<String> one = () -> text(depth - 1);
    return choose(
        () -> "(%s || %s)".formatted(one.get(), or(one, "''", "'ab'", "'it''s é 𝄞'", "' '")),
        () -> "UPPER(%s)".formatted(one.get()),
        () -> "LOWER(%s)".formatted(one.get()),
        () -> "TRIM(%s)".formatted(one.get()),
        () -> "TRIM(%s 'a' FROM %s)".formatted(pick("LEADING", "TRAILING", "BOTH"), one.get()),
        () -> "SUBSTRING(%s FROM %s)".formatted(one.get(), integer(0)),
        () -> "SUBSTRING(%s FROM %s FOR %s)".formatted(one.get(), integer(0), integer(0)),
        () ->
            "CAST(%s AS VARCHAR)"
                .formatted(
                    choose(
                        () -> integer(depth - 1),
                        () -> bigint(0),
                        () -> condition(0),
                        () -> uuid(0))),
        () -> cases(one, depth));
  }

  private String date(int depth) {
    return depth == 0 ? pick("d", "d2") : cases(() -> date(depth - 1), depth);
  }

  private String timestamp(int depth) {
    return depth == 0 ? pick("ts", "ts2") : cases(() -> timestamp(depth - 1), depth);
  }

  private String timestamptz(int depth) {
    return depth == 0 ? pick("tz", "tz2") : cases(() -> timestamptz(depth - 1), depth);
  }

  private String uuid(int depth) {
    return depth == 0 ? pick("u", "u2") : cases(() -> uuid(depth - 1), depth);
  }

  private String condition(int depth) {
    if (depth <= 0) {
      return pick("f", "f2", "(i = i2)", "(s = s2)", "(n > m)", "(tz IS NULL)", "(i < b)");
    }
    Supplier<String> one = () -> condition(depth - 1);
    return choose(
        () -> "(%s AND %s)".formatted(one.get(), one.get()),
        () -> "(%s OR %s)".formatted(one.get(), one.get()),
        () -> "(NOT %s)".formatted(one.get()),
        () ->
            "(%s %s)"
                .formatted(one.get(), pick("IS TRUE", "IS FALSE", "IS NOT TRUE", "IS NOT FALSE")),
        () -> "(%s %s)".formatted(one.get(), pick("IS NULL", "IS NOT NULL")),
        () -> comparison(() -> number(depth - 1), true, "0", "-7", "0.005", "3000000000", "1.50"),
        () -> comparison(() -> text(depth - 1), false, "''", "'a'", "'é'", "' '", "'ab'"),
        () -> comparison(() -> date(depth - 1), true, "DATE '2024-02-29'", "DATE '1969-12-31'"),
        () ->
            comparison(
                () -> timestamp(depth - 1),
                true,
                "TIMESTAMP '1969-12-31 23:59:59.999999'",
                "TIMESTAMP '2024-03-31 02:30:00'"),
        () ->
            comparison(
                () -> timestamptz(depth - 1),
                true,
                "TIMESTAMP WITH TIME ZONE '1970-01-01 00:00:00.000001 UTC'",
                "TIMESTAMP WITH TIME ZONE '2024-03-31 02:30:00 UTC'"),
        () ->
            comparison(() -> uuid(depth - 1), true, "UUID '0F0E0D0C-0b0a-0908-0706-050403020100'"),
        () -> comparison(one, true),
        () ->
            "(%s %s %s)"
                .formatted(
                    text(depth - 1),
                    pick("LIKE", "NOT LIKE"),
                    pick("'%a%'", "'_b'", "'%'", "'\\%%'", "'%_é'")),
        () -> "(%s LIKE 'a!%%%%' ESCAPE '!')".formatted(text(depth - 1)));
  }

  private String comparison(Supplier<String> value, boolean ordered, String... literals) {
    Supplier<String> other = () -> literals.length == 0 ? value.get() : or(value, literals);
    List<Supplier<String>> forms =
        List.of(
            () -> "(%s %s %s)".formatted(value.get(), pick("=", "<>", "!="), other.get()),
            () ->
                "(%s IS %sDISTINCT FROM %s)".formatted(value.get(), pick("", "NOT "), other.get()),
            () ->
                "(%s %sIN (%s, %s))"
                    .formatted(value.get(), pick("", "NOT "), other.get(), other.get()),
            () -> "(%s %s %s)".formatted(value.get(), pick("<", "<=", ">", ">="), other.get()),
            () ->
                "(%s %sBETWEEN %s AND %s)"
                    .formatted(value.get(), pick("", "NOT "), other.get(), other.get()));
    return forms.get(random.nextInt(ordered ? forms.size() : 3)).get();
  }
}

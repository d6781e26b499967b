package io.millrace.local.chaos;

import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A column that a table gets, and loses again, while it is in use. No view reads it.
 *
 * @param sql its type in PostgreSQL
 * @param values what is written into it
 */
record MovingColumn(String name, String sql, ValueType values, boolean nullable) {
  private static final int NULL_ONE_IN = 8;

  /** Types of which each holds all values of those before it. */
  private static final List<List<ValueType>> FAMILIES =
      List.of(
          List.of(ValueType.SMALLINT, ValueType.INTEGER, ValueType.BIGINT),
          List.of(ValueType.MONEY, ValueType.BIG_MONEY));

  private static final List<String> TEXTS =
      List.of(ValueType.CATEGORY.sql(), "varchar(40)", ValueType.TEXT.sql());

  static MovingColumn of(String name, ValueType type, boolean nullable) {
    return new MovingColumn(name, type.sql(), type, nullable);
  }

  @Nullable String value(RandomGenerator random) {
    return nullable && random.nextInt(NULL_ONE_IN) == 0 ? null : values.value(random);
  }

  MovingColumn withNull(boolean allowed) {
    return new MovingColumn(name, sql, values, allowed);
  }

  MovingColumn renamed(String to) {
    return new MovingColumn(to, sql, values, nullable);
  }

  /** The column with a type that holds all its values, if there is another one. */
  Optional<MovingColumn> widened() {
    int text = TEXTS.indexOf(sql);
    if (text >= 0) {
      return text + 1 == TEXTS.size()
          ? Optional.empty()
          : Optional.of(new MovingColumn(name, TEXTS.get(text + 1), values, nullable));
    }
    return FAMILIES.stream()
        .filter(family -> family.contains(values))
        .map(family -> family.subList(family.indexOf(values) + 1, family.size()))
        .filter(wider -> !wider.isEmpty())
        .map(wider -> new MovingColumn(name, wider.getFirst().sql(), wider.getFirst(), nullable))
        .findFirst();
  }

  /** The types that a column of this name may be given later, when this one is gone. */
  List<ValueType> successors() {
    return FAMILIES.stream()
        .filter(family -> family.contains(values))
        .findFirst()
        .orElse(List.of(values));
  }
}

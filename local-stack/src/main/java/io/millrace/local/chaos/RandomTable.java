package io.millrace.local.chaos;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A random table. Its keys are numbered from 0 to {@link #KEYS}, exclusive, so that changes meet
 * the rows of earlier ones and references meet rows, or do not.
 *
 * @param key types of the key columns {@code k0}, {@code k1}, ...; empty for none
 * @param declared whether the pipeline file says what the key is, as the database has none
 * @param references tables whose keys stand here, in columns {@code r<n>_k0}, ...
 * @param columns the other columns {@code c0}, {@code c1}, ...
 * @param appendOnly whether rows are only inserted
 */
record RandomTable(
    String name,
    List<ValueType> key,
    boolean declared,
    List<RandomTable> references,
    List<Column> columns,
    boolean appendOnly) {
  static final int KEYS = 600;
  private static final int NULL_ONE_IN = 8;

  /** A column that is neither key nor reference. */
  record Column(String name, ValueType type, boolean nullable) {
    @Nullable String value(RandomGenerator random) {
      return nullable && random.nextInt(NULL_ONE_IN) == 0 ? null : type.value(random);
    }
  }

  /** A random table that refers to some of {@code others}. */
  static RandomTable of(String name, RandomGenerator random, List<RandomTable> others) {
    List<ValueType> keyTypes =
        List.of(
            ValueType.INTEGER, ValueType.BIGINT, ValueType.TEXT, ValueType.UUID, ValueType.DATE);
    List<ValueType> key = new ArrayList<>();
    int keys = random.nextInt(3) == 0 ? 2 : 1;
    for (int i = 0; i < keys; i++) {
      key.add(keyTypes.get(random.nextInt(keyTypes.size())));
    }
    List<RandomTable> references = new ArrayList<>();
    for (RandomTable other : others) {
      if (references.size() < 2 && random.nextInt(3) > 0) {
        references.add(other);
      }
    }
    List<Column> columns = new ArrayList<>();
    // What views need stands in every table.
    for (ValueType type : List.of(ValueType.CATEGORY, ValueType.MONEY, ValueType.MOMENT)) {
      columns.add(new Column("c" + columns.size(), type, type != ValueType.MOMENT));
    }
    ValueType[] types = ValueType.values();
    int more = random.nextInt(3, 8);
    for (int i = 0; i < more; i++) {
      ValueType type = types[random.nextInt(types.length)];
      columns.add(new Column("c" + columns.size(), type, random.nextBoolean()));
    }
    return new RandomTable(
        name, List.copyOf(key), false, List.copyOf(references), List.copyOf(columns), false);
  }

  /** The same table, to which rows are only added. */
  RandomTable onlyAppended() {
    return new RandomTable(name, List.of(ValueType.BIGINT), false, references, columns, true);
  }

  /** The same table without a key, to which rows are only added. */
  RandomTable withoutKey() {
    return new RandomTable(name, List.of(), false, List.of(), columns, true);
  }

  /** The same table without a primary key. */
  RandomTable withDeclaredKey() {
    return new RandomTable(name, key, true, references, columns, appendOnly);
  }

  List<String> keyColumns() {
    return columnNames("k", key.size());
  }

  /** The columns that refer to {@code references().get(reference)}. */
  List<String> referenceColumns(int reference) {
    return columnNames("r" + reference + "_k", references.get(reference).key().size());
  }

  private static List<String> columnNames(String prefix, int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(prefix + i);
    }
    return names;
  }

  /** All columns but the key's, in order. */
  List<String> otherColumns() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < references.size(); i++) {
      names.addAll(referenceColumns(i));
    }
    columns.forEach(column -> names.add(column.name()));
    return names;
  }

  /** A random value for each of {@link #otherColumns}. */
  List<@Nullable String> otherValues(RandomGenerator random) {
    List<@Nullable String> values = new ArrayList<>();
    for (RandomTable referenced : references) {
      values.addAll(referenced.keyValues(random.nextInt(KEYS)));
    }
    columns.forEach(column -> values.add(column.value(random)));
    return values;
  }

  /** SQL type of each of {@link #otherColumns}. */
  List<String> otherTypes() {
    List<String> types = new ArrayList<>();
    references.forEach(referenced -> referenced.key().forEach(type -> types.add(type.sql())));
    columns.forEach(column -> types.add(column.type().sql()));
    return types;
  }

  /** The key of a number. */
  List<String> keyValues(long number) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < key.size(); i++) {
      long part = key.size() == 1 ? number : i == 0 ? number / 20 : number % 20;
      values.add(keyValue(key.get(i), part));
    }
    return values;
  }

  private static String keyValue(ValueType type, long number) {
    return switch (type) {
      case INTEGER -> String.valueOf(number - 10);
      case BIGINT -> String.valueOf(number * 1_000_000_007L);
      case TEXT -> number == 0 ? "" : "clé-" + number;
      case UUID ->
          UUID.nameUUIDFromBytes(String.valueOf(number).getBytes(StandardCharsets.UTF_8))
              .toString();
      case DATE -> java.time.LocalDate.of(1969, 12, 1).plusDays(number).toString();
      default -> throw new IllegalStateException(type + " is no key's type");
    };
  }

  /** The statements that make the table, ready to be captured. */
  List<String> ddl() {
    List<String> definitions = new ArrayList<>();
    for (int i = 0; i < key.size(); i++) {
      definitions.add("k" + i + " " + key.get(i).sql() + " NOT NULL");
    }
    List<String> names = otherColumns();
    List<String> types = otherTypes();
    int referring = names.size() - columns.size();
    for (int i = 0; i < names.size(); i++) {
      boolean nullable = i >= referring && columns.get(i - referring).nullable();
      definitions.add(names.get(i) + " " + types.get(i) + (nullable ? "" : " NOT NULL"));
    }
    if (!key.isEmpty()) {
      String constraint = declared ? "UNIQUE" : "PRIMARY KEY";
      definitions.add("%s (%s)".formatted(constraint, String.join(", ", keyColumns())));
    }
    List<String> statements = new ArrayList<>();
    statements.add(
        definitions.stream()
            .collect(Collectors.joining(",\n  ", "CREATE TABLE " + name + " (\n  ", "\n)")));
    if (!appendOnly) {
      statements.add("ALTER TABLE " + name + " REPLICA IDENTITY FULL");
    }
    return statements;
  }
}

package io.millrace.cdc.binlog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The key of a table in SQL: its order, and what stands behind a key that was read. Both are the
 * server's own, of the column's type and collation.
 */
record BinlogKey(List<Part> parts) {
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?");
  private static final Pattern HEX = Pattern.compile("[0-9A-Fa-f]*");
  private static final Pattern PLAIN = Pattern.compile("[0-9A-Za-z:. -]*");

  BinlogKey {
    parts = List.copyOf(parts);
  }

  /** A column of the key. */
  record Part(String column, BinlogType type) {
    String name() {
      return Identifiers.quoted(column);
    }

    /** What the server compares: of options their numbers, by which it sorts them too. */
    String compared() {
      return switch (type.form()) {
        case ENUM, SET, BIT, YEAR -> "(" + name() + " + 0)";
        default -> name();
      };
    }

    /** The value as text that {@link #literal} takes. */
    String text() {
      return switch (type.form()) {
        case TEXT, JSON -> "HEX(CONVERT(%s USING utf8mb4))".formatted(name());
        case BINARY, BYTES -> "HEX(%s)".formatted(name());
        default -> "CAST(%s AS CHAR)".formatted(compared());
      };
    }

    String literal(String text) {
      return switch (type.form()) {
        case INTEGER, DECIMAL, BIT, ENUM, SET, YEAR -> checked(NUMBER, text);
        case TEXT, JSON -> "_utf8mb4 X'%s'".formatted(checked(HEX, text));
        case BINARY, BYTES -> "X'%s'".formatted(checked(HEX, text));
        case DATE, DATETIME, TIMESTAMP, TIME, UUID -> "'%s'".formatted(checked(PLAIN, text));
      };
    }

    private String checked(Pattern form, String text) {
      if (!form.matcher(text).matches()) {
        throw new IllegalStateException("The key's column %s has no literal".formatted(column));
      }
      return text;
    }
  }

  static BinlogKey of(BinlogTable table) {
    Map<String, BinlogType> types = table.types();
    return new BinlogKey(
        table.captured().primaryKey().stream()
            .map(column -> new Part(column, Objects.requireNonNull(types.get(column))))
            .toList());
  }

  String order() {
    return parts.stream().map(Part::name).collect(Collectors.joining(", "));
  }

  /** Expressions of the key's columns as text. */
  Stream<String> texts() {
    return parts.stream().map(Part::text);
  }

  /**
   * The condition of rows behind a key. Servers use no index for {@code (a, b) > (1, 2)}.
   *
   * @param key as {@link #texts} gave it
   */
  String behind(List<String> key) {
    List<String> literals = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      literals.add(parts.get(i).literal(key.get(i)));
    }
    int last = parts.size() - 1;
    String behind = parts.get(last).compared() + " > " + literals.get(last);
    for (int i = last - 1; i >= 0; i--) {
      String compared = parts.get(i).compared();
      behind =
          "%s >= %s AND (%s > %s OR (%s))"
              .formatted(compared, literals.get(i), compared, literals.get(i), behind);
    }
    return "(" + behind + ")";
  }
}

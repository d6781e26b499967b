package io.millrace.cdc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a table as far as an {@code ALTER TABLE} can change rows with them that no change
 * event tells of: each with the number that PostgreSQL gave it once, its name and its type. A
 * dropped column stays, with no type: the topic's rows may still hold its values.
 */
record TableShape(List<Entry> entries) {
  private static final String COLUMNS =
      """
      SELECT a.attnum, a.attname, t.typname, a.atttypmod
      FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
      JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ? AND c.relname = ? AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attnum
      """;

  private static final String SEPARATOR = ", ";
  private static final String DROPPED = "-";

  /** One column. Its type is as {@link ColumnType} names it, or {@link #DROPPED}. */
  record Entry(int number, String name, String type) {
    @Override
    public String toString() {
      return number + " " + name + " " + type;
    }
  }

  TableShape {
    entries = List.copyOf(entries);
  }

  /** The shape now; empty when the table is gone or has a column that is not captured. */
  static TableShape read(Connection connection, TableName table) throws SQLException {
    List<Entry> entries = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(COLUMNS)) {
      query.setString(1, table.schema());
      query.setString(2, table.table());
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          String type =
              ColumnType.ofPostgres(rows.getString("typname"), rows.getInt("atttypmod"))
                  .map(ColumnType::toString)
                  .orElse(null);
          if (type == null) {
            return new TableShape(List.of());
          }
          entries.add(new Entry(rows.getInt("attnum"), rows.getString("attname"), type));
        }
      }
    }
    return new TableShape(entries);
  }

  /** Reads what {@link #toString} wrote. */
  static TableShape of(String text) {
    return new TableShape(
        Arrays.stream(text.split(SEPARATOR, -1))
            .map(entry -> entry.split(" ", 3))
            .map(parts -> new Entry(Integer.parseInt(parts[0]), parts[1], parts[2]))
            .toList());
  }

  /** This shape after an earlier one: with the columns that only the earlier one had. */
  TableShape after(TableShape earlier) {
    List<Entry> all = new ArrayList<>(entries);
    for (Entry entry : earlier.entries) {
      if (named(entry.name()) == null) {
        all.add(new Entry(entry.number(), entry.name(), DROPPED));
      }
    }
    return new TableShape(all);
  }

  /** Whether a column has become another one: another type, or dropped and added again. */
  boolean changes(TableShape earlier) {
    return entries.stream()
        .anyMatch(
            entry -> {
              Entry before = earlier.named(entry.name());
              return before != null && !before.equals(entry);
            });
  }

  /** Columns whose names are new. */
  List<String> added(TableShape earlier) {
    return entries.stream().map(Entry::name).filter(name -> earlier.named(name) == null).toList();
  }

  private @Nullable Entry named(String name) {
    return entries.stream().filter(entry -> entry.name().equals(name)).findFirst().orElse(null);
  }

  @Override
  public String toString() {
    return entries.stream().map(Entry::toString).collect(Collectors.joining(SEPARATOR));
  }
}

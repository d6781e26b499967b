package io.millrace.cdc.binlog;

import io.debezium.spi.converter.CustomConverter.Converter;
import io.millrace.cdc.RowForm;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** Rows of a table that a query of ours reads, as the log's reader would give them. */
final class BinlogRows {
  private final BinlogTable table;
  private final RowForm form;
  private final BinlogKey key;
  private final List<Reading> readings;

  /** How the values of a column come, and what becomes of them. */
  private record Reading(BinlogType type, Converter converter) {
    @Nullable Object value(ResultSet row, int index) throws SQLException {
      Object read =
          switch (type.form()) {
            case BINARY, BYTES -> row.getBytes(index);
            default -> row.getString(index);
          };
      return read == null ? null : converter.convert(read);
    }
  }

  BinlogRows(BinlogTable table) {
    this.table = table;
    this.form = new RowForm(table.captured().columns(), table.captured().primaryKey());
    this.key = BinlogKey.of(table);
    BinlogValues values = new BinlogValues();
    this.readings =
        table.types().values().stream()
            .map(type -> new Reading(type, converter(values, type)))
            .toList();
  }

  /**
   * The next rows, in the order of their keys.
   *
   * @param after key of the last row that is not wanted any more; empty to begin with the first
   * @param condition which rows are wanted, in SQL; null: all
   */
  String select(List<String> after, @Nullable String condition, int rows) {
    String columns =
        Stream.concat(
                table.types().entrySet().stream()
                    .map(column -> expression(column.getKey(), column.getValue())),
                key.texts())
            .collect(Collectors.joining(", "));
    String wanted =
        Stream.of(
                after.isEmpty() ? "" : key.behind(after),
                condition == null ? "" : "(" + condition + ")")
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining(" AND "));
    return "SELECT %s FROM %s%s ORDER BY %s LIMIT %d"
        .formatted(
            columns,
            Identifiers.quoted(table.captured().from()),
            wanted.isEmpty() ? "" : " WHERE " + wanted,
            key.order(),
            rows);
  }

  /** The row that {@code row} is at. */
  Struct row(ResultSet row) throws SQLException {
    List<@Nullable Object> values = new ArrayList<>(readings.size());
    for (Reading reading : readings) {
      values.add(reading.value(row, values.size() + 1));
    }
    return form.row(values);
  }

  /** The key of a row. */
  Struct key(Struct row) {
    return form.key(row);
  }

  /** The key of the row that {@code row} is at, as text for {@link #select}. */
  List<String> keyText(ResultSet row) throws SQLException {
    List<String> text = new ArrayList<>();
    for (int i = 1; i <= table.captured().primaryKey().size(); i++) {
      text.add(row.getString(readings.size() + i));
    }
    return text;
  }

  /** As text, but for bytes: so no driver has a type of its own for it. */
  private static String expression(String column, BinlogType type) {
    String name = Identifiers.quoted(column);
    return switch (type.form()) {
      case INTEGER, DECIMAL, TIME, YEAR, UUID -> "CAST(%s AS CHAR)".formatted(name);
      case BIT -> "CAST(%s + 0 AS CHAR)".formatted(name);
      case DATE, DATETIME ->
          "IF(%s, NULL, CAST(%s AS CHAR))".formatted(SnapshotSelect.zeroDate(name), name);
      // The column's own number, which no time zone of a session touches.
      case TIMESTAMP ->
          "CAST(CAST(UNIX_TIMESTAMP(%s) * 1000000 AS SIGNED) AS CHAR)".formatted(name);
      case TEXT, BINARY, BYTES, ENUM, SET, JSON -> name;
    };
  }

  private static Converter converter(BinlogValues values, BinlogType type) {
    return switch (type.form()) {
      case ENUM, SET -> value -> value;
      case BIT -> {
        Converter bits = values.converter(type);
        yield value -> bits.convert(new BigInteger(String.valueOf(value)));
      }
      case TIMESTAMP -> value -> BinlogTimes.timestamp(Long.valueOf(String.valueOf(value)));
      case DATETIME ->
          value ->
              BinlogTimes.datetime(LocalDateTime.parse(String.valueOf(value).replace(' ', 'T')));
      case TIME -> value -> BinlogTimes.time(String.valueOf(value));
      default -> values.converter(type);
    };
  }
}

package io.millrace.cdc;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a query whose values come as PostgreSQL's text, as {@link PostgresValues} would leave
 * them.
 */
final class TextRows {
  private final List<Column> columns;
  private final List<String> keyNames;
  private final RowForm form;

  /**
   * Rows of a table.
   *
   * @param columns as the query selects them
   * @param keyNames the key's columns, in its order
   */
  TextRows(List<Column> columns, List<String> keyNames) {
    this.columns = List.copyOf(columns);
    this.keyNames = List.copyOf(keyNames);
    this.form = new RowForm(columns, keyNames);
  }

  /** The row that {@code rows} is at. */
  Struct row(ResultSet rows) throws SQLException {
    List<@Nullable Object> values = new ArrayList<>(columns.size());
    for (int i = 0; i < columns.size(); i++) {
      values.add(value(rows, i));
    }
    return form.row(values);
  }

  /** The key of a row. */
  Struct key(Struct of) {
    return form.key(of);
  }

  /** The key of the row that {@code rows} is at, as text for a query. */
  List<String> keyText(ResultSet rows) throws SQLException {
    List<String> text = new ArrayList<>();
    for (String name : keyNames) {
      text.add(rows.getString(name));
    }
    return text;
  }

  private @Nullable Object value(ResultSet rows, int index) throws SQLException {
    ColumnType type = columns.get(index).type();
    if (type.kind() == ColumnType.Kind.BYTES) {
      return rows.getBytes(index + 1);
    }
    String text = rows.getString(index + 1);
    return text == null ? null : value(type.kind(), text);
  }

  private static Object value(ColumnType.Kind kind, String text) {
    return switch (kind) {
      case INT -> Integer.valueOf(text);
      case LONG -> Long.valueOf(text);
      case BOOLEAN -> text.equals("t");
      case DECIMAL -> decimal(text);
      case STRING, JSONB, UUID, BYTES -> text;
      case TIMESTAMP, TIMESTAMP_TZ -> PostgresTime.micros(text);
      case DATE -> PostgresValues.days(PostgresTime.date(text));
    };
  }

  private static BigDecimal decimal(String text) {
    char last = text.charAt(text.length() - 1);
    return last >= '0' && last <= '9' ? new BigDecimal(text) : CapturedValues.NOT_A_NUMBER;
  }
}

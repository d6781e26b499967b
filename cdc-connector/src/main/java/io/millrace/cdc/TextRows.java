package io.millrace.cdc;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a query whose values come as PostgreSQL's text, as {@link PostgresValues} would leave
 * them.
 */
final class TextRows {
  private final List<Column> columns;
  private final List<String> keyNames;
  private final Schema row;
  private final Schema key;

  /**
   * Rows of a table.
   *
   * @param columns as the query selects them
   * @param keyNames the key's columns, in its order
   */
  TextRows(List<Column> columns, List<String> keyNames) {
    this.columns = List.copyOf(columns);
    this.keyNames = List.copyOf(keyNames);
    SchemaBuilder all = SchemaBuilder.struct();
    columns.forEach(column -> all.field(column.name(), schema(column.type())));
    this.row = all.build();
    SchemaBuilder some = SchemaBuilder.struct();
    keyNames.forEach(name -> some.field(name, row.field(name).schema()));
    this.key = some.build();
  }

  /** The row that {@code rows} is at. */
  Struct row(ResultSet rows) throws SQLException {
    Struct struct = new Struct(row);
    for (int i = 0; i < columns.size(); i++) {
      struct.put(row.fields().get(i), value(rows, i));
    }
    return struct;
  }

  /** The key of a row. */
  Struct key(Struct of) {
    Struct struct = new Struct(key);
    keyNames.forEach(name -> struct.put(name, of.get(name)));
    return struct;
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

  private static Schema schema(ColumnType type) {
    SchemaBuilder builder =
        switch (type.kind()) {
          case INT -> SchemaBuilder.int32().name(CapturedValues.INT);
          case LONG -> SchemaBuilder.int64().name(CapturedValues.LONG);
          case BOOLEAN -> SchemaBuilder.bool().name(CapturedValues.BOOLEAN);
          case DECIMAL -> Decimal.builder(type.scale());
          case STRING -> SchemaBuilder.string().name(CapturedValues.TEXT);
          case JSONB -> SchemaBuilder.string().name(CapturedValues.JSONB);
          case UUID -> SchemaBuilder.string().name(CapturedValues.UUID);
          case TIMESTAMP -> SchemaBuilder.int64().name(CapturedValues.TIMESTAMP);
          case TIMESTAMP_TZ -> SchemaBuilder.int64().name(CapturedValues.TIMESTAMP_TZ);
          case DATE -> SchemaBuilder.int32().name(CapturedValues.DATE);
          case BYTES -> SchemaBuilder.bytes().name(CapturedValues.BYTES);
        };
    return builder.optional().build();
  }
}

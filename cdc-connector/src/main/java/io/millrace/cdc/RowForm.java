package io.millrace.cdc;

import java.util.List;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** Makes rows that were read by a query the rows that the source's reader would give. */
public final class RowForm {
  private final List<String> keyNames;
  private final Schema row;
  private final Schema key;

  /**
   * The form of a table's rows.
   *
   * @param columns as the query selects them
   * @param keyNames the key's columns, in its order
   */
  public RowForm(List<Column> columns, List<String> keyNames) {
    this.keyNames = List.copyOf(keyNames);
    SchemaBuilder all = SchemaBuilder.struct();
    columns.forEach(column -> all.field(column.name(), schema(column.type())));
    this.row = all.build();
    SchemaBuilder some = SchemaBuilder.struct();
    keyNames.forEach(name -> some.field(name, row.field(name).schema()));
    this.key = some.build();
  }

  /** A row; its values in the order of the columns, as {@link CapturedValues} says. */
  public Struct row(List<? extends @Nullable Object> values) {
    Struct struct = new Struct(row);
    for (int i = 0; i < values.size(); i++) {
      struct.put(row.fields().get(i), values.get(i));
    }
    return struct;
  }

  /** The key of a row. */
  public Struct key(Struct of) {
    Struct struct = new Struct(key);
    keyNames.forEach(name -> struct.put(name, of.get(name)));
    return struct;
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

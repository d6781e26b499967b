package io.millrace.cdc;

import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.SourceMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The Avro schemas of a captured table.
 *
 * @param key record of the primary key; of {@code _source_pos} when there is none
 * @param columns of the row, nullability as in {@code envelope}
 * @param envelope value schema: {@link ChangeEvent} around the row
 */
record TableSchemas(Schema key, List<Column> columns, Schema envelope) {
  TableSchemas {
    columns = List.copyOf(columns);
  }

  /**
   * The schemas of a table as the database has it now, such that readers of them can read what was
   * written with the schema registered before: a column that was nullable or wider stays so, and
   * one that was added becomes nullable.
   *
   * @param namespace Avro namespace
   * @param table name in the pipeline
   * @param primaryKey names of the key's columns; none: a row's key is its place in the log
   * @param now columns in the table's order
   * @param comments what the row schema says of the table and its columns
   * @param registered the envelope that the schemas follow; null when there is none
   * @param elsewhere types that columns have in other envelopes, one of which may be the latest in
   *     the registry: a connector that is behind meets shapes of before it
   * @throws IllegalStateException when a column changed to a type that does not hold its old values
   */
  static TableSchemas of(
      String namespace,
      String table,
      List<String> primaryKey,
      List<Column> now,
      Comments comments,
      @Nullable Schema registered,
      Map<String, ColumnType> elsewhere) {
    List<Column> columns = registered == null ? now : evolved(table, now, registered, elsewhere);
    Schema row =
        Schema.createRecord(
            table, comments.table(), namespace, false, fields(columns, comments.columns()));
    Map<String, Column> byName =
        columns.stream().collect(Collectors.toMap(Column::name, Function.identity()));
    List<Schema.Field> keyFields = new ArrayList<>();
    for (String name : primaryKey) {
      Column column = byName.get(name);
      if (column == null) {
        throw new IllegalStateException(
            "Column %s of the primary key of table %s is gone: a changed key cannot be followed;"
                    .formatted(name, table)
                + " put the column back, or start a pipeline under a new name");
      }
      keyFields.add(new Schema.Field(name, column.type().avro()));
    }
    if (primaryKey.isEmpty()) {
      keyFields.add(new Schema.Field(SourceMetadata.SOURCE_POS, SourceMetadata.sourcePos()));
    }
    Schema key = Schema.createRecord(table + "_key", null, namespace, false, keyFields);
    return new TableSchemas(key, columns, ChangeEvent.schema(row));
  }

  private static List<Schema.Field> fields(List<Column> columns, Map<String, String> comments) {
    List<Schema.Field> fields = new ArrayList<>();
    for (Column column : columns) {
      Schema type = column.type().avro();
      String comment = comments.get(column.name());
      fields.add(
          column.nullable()
              ? new Schema.Field(
                  column.name(),
                  Schema.createUnion(Schema.create(Schema.Type.NULL), type),
                  comment,
                  Schema.Field.NULL_DEFAULT_VALUE)
              : new Schema.Field(column.name(), type, comment));
    }
    return fields;
  }

  private static List<Column> evolved(
      String table, List<Column> now, Schema registered, Map<String, ColumnType> elsewhere) {
    Schema before = ChangeEvent.row(registered);
    List<Column> columns = new ArrayList<>();
    for (Column column : now) {
      Schema.Field field = before.getField(column.name());
      if (field == null) {
        ColumnType other = elsewhere.getOrDefault(column.name(), column.type());
        ColumnType wider = column.type().widensTo(other) ? other : column.type();
        columns.add(new Column(column.name(), wider, true));
        continue;
      }
      columns.add(
          new Column(
              column.name(),
              type(table, column, ColumnType.ofAvro(field.schema()).orElseThrow()),
              column.nullable() || field.schema().isNullable()));
    }
    return columns;
  }

  private static ColumnType type(String table, Column now, ColumnType earlier) {
    if (earlier.widensTo(now.type())) {
      return now.type();
    }
    // A start registers what the database has now. Then come changes of before it was widened.
    if (now.type().widensTo(earlier)) {
      return earlier;
    }
    throw new IllegalStateException(
        "Column %s of table %s changed from %s to %s, which does not hold its earlier values:"
                .formatted(now.name(), table, earlier, now.type())
            + " change it back, or start a pipeline under a new name");
  }
}

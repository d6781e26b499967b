package io.millrace.cdc;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.io.Encoder;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** Writes rows of one Connect schema as one Avro record: one small writer per column. */
final class RowWriter {
  private final Target[] targets;

  private RowWriter(Target[] targets) {
    this.targets = targets;
  }

  private record Target(Column column, ValueWriter writer) {}

  /** A writer of {@code columns}, in their order. */
  static RowWriter of(List<Column> columns) {
    return new RowWriter(
        columns.stream()
            .map(column -> new Target(column, ValueWriter.of(column)))
            .toArray(Target[]::new));
  }

  /**
   * The columns of rows as Debezium describes them.
   *
   * @param capturedTypes what a type may be, for the message
   * @throws IllegalStateException when a column's type is not captured without loss
   */
  static List<Column> columns(String table, Schema row, String capturedTypes) {
    List<Column> columns = new ArrayList<>();
    for (Field field : row.fields()) {
      Optional<ColumnType> type = ColumnType.ofConnect(field.schema());
      if (type.isEmpty()) {
        throw new IllegalStateException(
            "Column %s of table %s has a type that is not captured yet: change it to one of %s"
                .formatted(field.name(), table, capturedTypes));
      }
      columns.add(new Column(field.name(), type.get(), !isNotNull(field.schema())));
    }
    return columns;
  }

  private static boolean isNotNull(Schema column) {
    String catalog =
        column.parameters() == null ? null : column.parameters().get(CapturedValues.NOT_NULL);
    return catalog == null ? !column.isOptional() : Boolean.parseBoolean(catalog);
  }

  /**
   * Writes a row.
   *
   * @throws UnexpectedNullException when a column is null that is not nullable
   * @throws UnrepresentableValueException when a value has no Avro form
   */
  void write(Struct row, Encoder encoder) throws IOException, UnrepresentableValueException {
    for (Target target : targets) {
      // Not get: that puts the column's default in the place of a null.
      @Nullable Object value = row.getWithoutDefault(target.column.name());
      if (target.column.nullable()) {
        encoder.writeIndex(value == null ? 0 : 1);
      } else if (value == null) {
        throw new UnexpectedNullException(target.column.name());
      }
      if (value != null) {
        target.writer.write(value, encoder);
      }
    }
  }
}

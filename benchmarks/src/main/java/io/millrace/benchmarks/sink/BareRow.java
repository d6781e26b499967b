package io.millrace.benchmarks.sink;

import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.Row;
import io.millrace.schemas.SourceMetadata;
import io.millrace.sink.lake.TableShape;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** A change event as a row of one lake table. */
final class BareRow implements StructLike {
  /** Marks a column that comes from the envelope: less by the envelope's field. */
  private static final int ENVELOPE = -1;

  private final int[] origins;
  private @Nullable Row event;
  private @Nullable Row image;

  BareRow(Schema row, List<Types.NestedField> columns) {
    this.origins = columns.stream().mapToInt(column -> origin(row, column.name())).toArray();
  }

  private static int origin(Schema row, String column) {
    return switch (column) {
      case TableShape.OP -> ENVELOPE - ChangeEvent.OP;
      case SourceMetadata.SOURCE_TS -> ENVELOPE - ChangeEvent.SOURCE_TS;
      case SourceMetadata.SOURCE_POS -> ENVELOPE - ChangeEvent.SOURCE_POS;
      default -> row.getField(column).pos();
    };
  }

  BareRow set(Row change) {
    event = change;
    image = (Row) change.get(ChangeEvent.AFTER);
    return this;
  }

  @Override
  public int size() {
    return origins.length;
  }

  @Override
  public <T> @Nullable T get(int column, Class<T> type) {
    int origin = origins[column];
    return type.cast(
        origin >= 0
            ? Objects.requireNonNull(image).get(origin)
            : Objects.requireNonNull(event).get(ENVELOPE - origin));
  }

  @Override
  public <T> void set(int column, T value) {
    throw new UnsupportedOperationException("a view over a record");
  }
}

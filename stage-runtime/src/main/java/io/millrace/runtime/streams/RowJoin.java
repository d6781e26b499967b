package io.millrace.runtime.streams;

import io.millrace.pipeline.plan.RowFunction;
import io.millrace.pipeline.plan.ViewNode;
import io.millrace.schemas.Row;
import org.apache.avro.Schema;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.TableJoined;
import org.apache.kafka.streams.kstream.ValueJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Foreign-key joins as Kafka Streams does them (KIP-213): the left row subscribes, under its
 * foreign key, to the right row.
 *
 * <p>Inner joins are made of {@code leftJoin} too. With {@code join}, a left row that changes but
 * keeps its foreign key gets no answer when the right row is gone; when the right row went in the
 * meantime, its last answer is for the old left row and dropped, and the joined row stays for ever.
 * {@code leftJoin} answers always, and the joiner makes no row of a missing right side.
 */
final class RowJoin {
  private final RowTables tables;
  private final OperatorNames names;

  RowJoin(RowTables tables, OperatorNames names) {
    this.tables = tables;
    this.names = names;
  }

  /** The joined rows, under the left rows' keys. */
  RowTable<Row> table(ViewNode.ForeignKeyJoin join) {
    RowTable<?> left = tables.table(join.left(), names);
    RowTable<?> right = tables.table(join.right(), names);
    String name = names.next("join");
    ForeignKey foreignKey = new ForeignKey(join.foreignKey(), right.key());
    Schema schema = join.row();
    KTable<Row, Row> leftRows =
        tables.keptRows(left.then(foreignKey.check(join.outer()), left.row()), name + "-left");
    KTable<Row, Row> rightRows = tables.keptRows(right, name + "-right");
    Serde<Row> keySerde = left.source().keySerde();
    Serde<Row> rowSerde = tables.internalSerde(name, schema);
    KTable<Row, Row> joined =
        leftRows.leftJoin(
            rightRows,
            row -> foreignKey.of(row),
            joiner(left.row(), right.row(), schema, join.outer()),
            TableJoined.as(name),
            NoStore.as(name, keySerde, rowSerde));
    return RowTable.ofRows(joined, left.key(), keySerde, schema, rowSerde);
  }

  /** Left columns, right columns, then the greater metadata of the two. */
  private static ValueJoiner<Row, @Nullable Row, @Nullable Row> joiner(
      Schema left, Schema right, Schema schema, boolean outer) {
    int leftColumns = left.getFields().size() - 2;
    int rightColumns = right.getFields().size() - 2;
    int metadata = leftColumns + rightColumns;
    return (leftRow, rightRow) -> {
      if (rightRow == null && !outer) {
        return null;
      }
      @Nullable Object[] values = new @Nullable Object[metadata + 2];
      System.arraycopy(leftRow.values(), 0, values, 0, leftColumns);
      System.arraycopy(leftRow.values(), leftColumns, values, metadata, 2);
      if (rightRow != null) {
        System.arraycopy(rightRow.values(), 0, values, leftColumns, rightColumns);
        Greatest.into(values, metadata, rightRow.values(), rightColumns);
      }
      return new Row(schema, values);
    };
  }

  /** The right key that a left row names. */
  private record ForeignKey(RowFunction function, Schema key) {
    /** Null where a part is null: such a key names no row. */
    @Nullable Row of(Row left) {
      @Nullable Object[] values = function.apply(left.values());
      for (Object value : values) {
        if (value == null) {
          return null;
        }
      }
      return new Row(key, values);
    }

    /** Fails where the key cannot be computed; an inner join needs no row that names none. */
    RowStep check(boolean outer) {
      return row -> of(row) == null && !outer ? null : row;
    }
  }
}

package io.millrace.pipeline.plan;

import io.millrace.schemas.SourceMetadata;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.schema.impl.AbstractTable;

/** A relation as SQL sees it: without metadata, with window columns if it is windowed. */
final class RelationTable extends AbstractTable {
  private final Relation relation;
  private final Optional<Tumble> tumble;

  RelationTable(Relation relation, Optional<Tumble> tumble) {
    this.relation = relation;
    this.tumble = tumble;
  }

  Relation relation() {
    return relation;
  }

  Optional<Tumble> tumble() {
    return tumble;
  }

  /** The relation's columns. */
  List<Schema.Field> columns() {
    return columns(relation);
  }

  static List<Schema.Field> columns(Relation relation) {
    return relation.row().getFields().stream()
        .filter(field -> !field.name().equals(SourceMetadata.SOURCE_TS))
        .filter(field -> !field.name().equals(SourceMetadata.SOURCE_POS))
        .toList();
  }

  /** Position of a column among {@link #columns}; -1 if there is none of that name. */
  int column(String name) {
    List<Schema.Field> columns = columns();
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public RelDataType getRowType(RelDataTypeFactory types) {
    RelDataTypeFactory.Builder row = types.builder();
    for (Schema.Field column : columns()) {
      row.add(column.name(), ColumnTypes.sql(types, column.schema()));
    }
    tumble.ifPresent(
        window -> {
          RelDataType time =
              ColumnTypes.sql(types, columns().get(column(window.column())).schema());
          row.add(Tumble.WINDOW_START, time).add(Tumble.WINDOW_END, time);
        });
    return row.build();
  }
}

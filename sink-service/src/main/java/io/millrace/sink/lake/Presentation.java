package io.millrace.sink.lake;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.iceberg.Table;
import org.apache.iceberg.UpdateProperties;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * What a table shows to people: the order of its columns, comments, and its owner. It follows the
 * newest schema of the topic and the pipeline file; what neither says stays as it is, for others
 * may have written it.
 */
final class Presentation {
  static final String COMMENT = "comment";
  static final String OWNER = "owner";

  private Presentation() {}

  /** Evolves {@code table}, which has all columns of {@code shape} and is up to date afterwards. */
  static void evolve(Table table, TableShape shape) {
    MetadataUpdate.commitAll(table, () -> columns(table, shape));
    MetadataUpdate.commitAll(table, () -> properties(table, shape));
  }

  /** What {@code shape} says of the table as a whole. */
  static Map<String, String> properties(TableShape shape) {
    Map<String, String> properties = new HashMap<>();
    if (shape.comment() != null) {
      properties.put(COMMENT, shape.comment());
    }
    if (shape.table().description().owner() != null) {
      properties.put(OWNER, shape.table().description().owner());
    }
    return properties;
  }

  private static @Nullable MetadataUpdate properties(Table table, TableShape shape) {
    Map<String, String> wanted = properties(shape);
    if (table.properties().entrySet().containsAll(wanted.entrySet())) {
      return null;
    }
    UpdateProperties update = table.updateProperties();
    wanted.forEach(update::set);
    return new MetadataUpdate(update, wanted.keySet().toString());
  }

  private static @Nullable MetadataUpdate columns(Table table, TableShape shape) {
    UpdateSchema update = table.updateSchema();
    List<String> changed = new ArrayList<>();
    for (TableShape.Column column : shape.columns()) {
      Types.NestedField field = Objects.requireNonNull(table.schema().findField(column.name()));
      if (column.comment() != null && !column.comment().equals(field.doc())) {
        update.updateColumnDoc(column.name(), column.comment());
        changed.add("comment of " + column.name());
      }
    }
    List<String> names =
        table.schema().columns().stream()
            .map(Types.NestedField::name)
            .collect(Collectors.toCollection(ArrayList::new));
    List<String> wanted = inOrder(names, shape);
    for (int i = 0; i < wanted.size(); i++) {
      String name = wanted.get(i);
      if (names.get(i).equals(name)) {
        continue;
      }
      names.remove(name);
      names.add(i, name);
      if (i == 0) {
        update.moveFirst(name);
      } else {
        update.moveAfter(name, wanted.get(i - 1));
      }
      changed.add("place of " + name);
    }
    return changed.isEmpty() ? null : new MetadataUpdate(update, changed.toString());
  }

  /** Columns that the source dropped stay at their places. */
  private static List<String> inOrder(List<String> names, TableShape shape) {
    Iterator<TableShape.Column> next = shape.columns().iterator();
    return names.stream()
        .map(name -> shape.column(name) == null ? name : next.next().name())
        .toList();
  }
}

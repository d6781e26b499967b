package io.millrace.runtime.streams;

import io.millrace.pipeline.plan.Relation;
import io.millrace.pipeline.plan.ViewNode;
import io.millrace.pipeline.plan.ViewPlan;
import io.millrace.schemas.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Which columns of each relation any view reads. A topic is read once per topology, so views that
 * scan the same relation share a table, decoded to the columns that they need together.
 */
final class ScannedColumns {
  private final Map<String, SortedSet<Integer>> positions = new HashMap<>();

  ScannedColumns(List<ViewPlan> plans) {
    plans.stream()
        .flatMap(plan -> Scans.of(plan.root()))
        .forEach(
            scan ->
                positions
                    .computeIfAbsent(scan.relation().name(), any -> new TreeSet<>())
                    .addAll(scan.columns()));
  }

  private List<Integer> of(Relation relation) {
    return List.copyOf(positions.getOrDefault(relation.name(), new TreeSet<>()));
  }

  /** Schema of a relation's rows with the columns that any view reads, metadata last. */
  Schema row(Relation relation) {
    Schema whole = relation.row();
    List<Schema.Field> fields = new ArrayList<>();
    for (int position : of(relation)) {
      Schema.Field field = whole.getFields().get(position);
      fields.add(new Schema.Field(field, field.schema()));
    }
    return Schema.createRecord(
        whole.getName(), whole.getDoc(), whole.getNamespace(), false, fields);
  }

  /** From rows of {@link #row} to a scan's rows. */
  RowStep pick(ViewNode.Scan scan) {
    List<Integer> shared = of(scan.relation());
    return pick(scan.columns().stream().map(shared::indexOf).toList(), scan.row());
  }

  /** From rows to rows of the columns at {@code positions}. */
  static RowStep pick(List<Integer> positions, Schema schema) {
    int[] from = positions.stream().mapToInt(Integer::intValue).toArray();
    return row -> {
      @Nullable Object[] picked = new @Nullable Object[from.length];
      for (int i = 0; i < from.length; i++) {
        picked[i] = row.get(from[i]);
      }
      return new Row(schema, picked);
    };
  }
}

package io.millrace.pipeline.plan;

import io.millrace.schemas.Row;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/** Runs view operators over tables held in memory: what a stage's rows must come to. */
final class ViewInterpreter {
  private final Map<String, List<Row>> relations;

  ViewInterpreter(Map<String, List<Row>> relations) {
    this.relations = new LinkedHashMap<>(relations);
  }

  /** Rows of every view, each computed from those that it reads. */
  static Map<String, List<Row>> run(PipelinePlan plan, Map<String, List<Row>> tables) {
    ViewInterpreter interpreter = new ViewInterpreter(tables);
    plan.views()
        .forEach((name, view) -> interpreter.relations.put(name, interpreter.rows(view.root())));
    return interpreter.relations;
  }

  List<Row> rows(ViewNode node) {
    return rows(node, relation(leftmost(node)));
  }

  /** What an operator makes of {@code leftmost}, rows of the relation read first. */
  private List<Row> rows(ViewNode node, List<Row> leftmost) {
    return switch (node) {
      case ViewNode.Scan scan -> leftmost.stream().map(row -> scanned(scan, row)).toList();
      case ViewNode.Filter filter ->
          rows(filter.input(), leftmost).stream()
              .filter(row -> filter.condition().test(row.values()))
              .toList();
      case ViewNode.Project project ->
          rows(project.input(), leftmost).stream()
              .map(row -> new Row(project.row(), project.projection().apply(row.values())))
              .toList();
      case ViewNode.ForeignKeyJoin join -> joined(join, leftmost);
      case ViewNode.Aggregate aggregate -> aggregated(aggregate, leftmost);
    };
  }

  private List<Row> relation(Relation relation) {
    return Objects.requireNonNull(relations.get(relation.name()), relation.name());
  }

  private static Row scanned(ViewNode.Scan scan, Row row) {
    return new Row(scan.row(), scan.columns().stream().map(row::get).toArray());
  }

  private List<Row> joined(ViewNode.ForeignKeyJoin join, List<Row> leftmost) {
    Map<List<@Nullable Object>, Row> right = byKey(join.right());
    List<Row> result = new ArrayList<>();
    for (Row left : rows(join.left(), leftmost)) {
      List<@Nullable Object> key = Arrays.asList(join.foreignKey().apply(left.values()));
      Row match = key.contains(null) ? null : right.get(key);
      if (match != null || join.outer()) {
        result.add(combined(join, left, match));
      }
    }
    return result;
  }

  private static Row combined(ViewNode.ForeignKeyJoin join, Row left, @Nullable Row right) {
    int count = left.values().length - 2;
    @Nullable Object[] values = Arrays.copyOf(left.values(), join.row().getFields().size());
    Arrays.fill(values, count, values.length, null);
    if (right != null) {
      System.arraycopy(right.values(), 0, values, count, right.values().length - 2);
    }
    values[values.length - 2] = left.get(count);
    values[values.length - 1] = left.get(count + 1);
    return new Row(join.row(), values);
  }

  /** Rows of an operator by the key of its leftmost relation. */
  private Map<List<@Nullable Object>, Row> byKey(ViewNode node) {
    Relation relation = leftmost(node);
    Map<List<@Nullable Object>, Row> rows = new LinkedHashMap<>();
    for (Row row : relation(relation)) {
      List<@Nullable Object> key = new ArrayList<>();
      relation.key().getFields().forEach(f -> key.add(value(row, f.name())));
      rows(node, List.of(row)).forEach(result -> rows.put(key, result));
    }
    return rows;
  }

  private static Relation leftmost(ViewNode node) {
    return switch (node) {
      case ViewNode.Scan scan -> scan.relation();
      case ViewNode.Filter filter -> leftmost(filter.input());
      case ViewNode.Project project -> leftmost(project.input());
      case ViewNode.ForeignKeyJoin join -> leftmost(join.left());
      case ViewNode.Aggregate aggregate -> leftmost(aggregate.input());
    };
  }

  static @Nullable Object value(Row row, String column) {
    return row.get(row.getSchema().getField(column).pos());
  }

  private List<Row> aggregated(ViewNode.Aggregate aggregate, List<Row> leftmost) {
    Map<List<@Nullable Object>, List<Row>> groups = new LinkedHashMap<>();
    for (Row row : rows(aggregate.input(), leftmost)) {
      groups
          .computeIfAbsent(
              Arrays.asList(aggregate.groupKey().apply(row.values())), key -> new ArrayList<>())
          .add(row);
    }
    List<Row> result = new ArrayList<>();
    groups.forEach(
        (key, rows) -> {
          List<@Nullable Object> values = new ArrayList<>(key);
          aggregate.calls().forEach(call -> values.add(computed(call, rows)));
          Row last = rows.getLast();
          values.add(last.get(last.values().length - 2));
          values.add(last.get(last.values().length - 1));
          result.add(new Row(aggregate.row(), values.toArray()));
        });
    return result;
  }

  private static @Nullable Object computed(ViewNode.AggregateCall call, List<Row> rows) {
    List<Object> values =
        rows.stream()
            .map(row -> call.argument() < 0 ? Boolean.TRUE : row.get(call.argument()))
            .filter(Objects::nonNull)
            .map(Object.class::cast)
            .toList();
    if (call.function() == ViewNode.AggregateCall.Function.COUNT) {
      return (long) values.size();
    }
    if (values.isEmpty()) {
      return null;
    }
    BigDecimal sum =
        values.stream()
            .map(value -> new BigDecimal(value.toString()))
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    Schema type = call.result();
    if (type.isNullable()) {
      type = type.getTypes().get(1);
    }
    if (!(type.getLogicalType() instanceof LogicalTypes.Decimal decimal)) {
      return sum.longValueExact();
    }
    return call.function() == ViewNode.AggregateCall.Function.SUM
        ? sum.setScale(decimal.getScale())
        : sum.divide(BigDecimal.valueOf(values.size()), decimal.getScale(), RoundingMode.HALF_UP);
  }
}

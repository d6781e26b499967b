package io.millrace.sink.lake;

import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Brings a table to where it can hold rows of a shape. Columns are added, widened and made
 * optional, never dropped or narrowed, so rows of earlier shapes stay readable and writable.
 */
final class SchemaEvolution {
  private SchemaEvolution() {}

  /** One step of an evolution. */
  private sealed interface Step {
    void apply(UpdateSchema update);
  }

  private record Add(TableShape.Column column, @Nullable String after) implements Step {
    @Override
    public void apply(UpdateSchema update) {
      update.addColumn(column.name(), column.type(), column.comment());
      if (after == null) {
        update.moveFirst(column.name());
      } else {
        update.moveAfter(column.name(), after);
      }
    }
  }

  private record Widen(String name, Type.PrimitiveType type) implements Step {
    @Override
    public void apply(UpdateSchema update) {
      update.updateColumn(name, type);
    }
  }

  private record Relax(String name) implements Step {
    @Override
    public void apply(UpdateSchema update) {
      update.makeColumnOptional(name);
    }
  }

  /** Evolves {@code table}, which is up to date afterwards. */
  static void evolve(Table table, TableShape shape) {
    MetadataUpdate.commitAll(
        table,
        () -> {
          List<Step> steps = steps(table.schema(), shape);
          if (steps.isEmpty()) {
            return null;
          }
          UpdateSchema update = table.updateSchema();
          steps.forEach(step -> step.apply(update));
          return new MetadataUpdate(update, steps.toString());
        });
  }

  private static List<Step> steps(Schema schema, TableShape shape) {
    List<Step> steps = new ArrayList<>();
    String before = null;
    for (TableShape.Column column : shape.columns()) {
      Types.NestedField field = schema.findField(column.name());
      if (field == null) {
        steps.add(new Add(column, before));
      } else {
        addWidening(steps, field, column, shape);
        if (field.isRequired() && !column.required()) {
          relax(steps, schema, field, shape);
        }
      }
      before = column.name();
    }
    for (Types.NestedField field : schema.columns()) {
      if (field.isRequired() && shape.column(field.name()) == null) {
        relax(steps, schema, field, shape);
      }
    }
    return steps;
  }

  private static void addWidening(
      List<Step> steps, Types.NestedField field, TableShape.Column column, TableShape shape) {
    Type have = field.type();
    if (have.equals(column.type())) {
      return;
    }
    if (TypeUtil.isPromotionAllowed(have, column.type())) {
      steps.add(new Widen(field.name(), column.type()));
    } else if (!TypeUtil.isPromotionAllowed(column.type(), have.asPrimitiveType())) {
      throw new IncompatibleTableException(
          "column %s of lake table %s is %s and cannot become %s, as topic %s now has it: rename the"
                  .formatted(
                      field.name(),
                      shape.table().identifier(),
                      have,
                      column.type(),
                      shape.table().topic())
              + " column at the source, or drop the lake table and reset the pipeline");
    }
  }

  private static void relax(
      List<Step> steps, Schema schema, Types.NestedField field, TableShape shape) {
    if (schema.identifierFieldIds().contains(field.fieldId())) {
      throw new IncompatibleTableException(
          "key column %s of lake table %s cannot vanish or become null: drop the lake table and "
                  .formatted(field.name(), shape.table().identifier())
              + "reset the pipeline");
    }
    steps.add(new Relax(field.name()));
  }
}

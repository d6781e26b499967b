package io.millrace.sink.writer;

import io.millrace.pipeline.LakeTable;
import io.millrace.sink.lake.DeletesByKey;
import io.millrace.sink.lake.IncompatibleTableException;
import io.millrace.sink.lake.LakeCatalog;
import io.millrace.sink.lake.TableShape;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * The lake table that a writer writes to: opened with the first record, evolved with each new
 * schema. Belongs to one task and its thread.
 */
final class Target {
  private final LakeTable name;
  private final LakeCatalog catalog;
  private final Map<Schema, RowMapping> mappings = new HashMap<>();
  private final Set<Schema> fitted = new HashSet<>();
  private @Nullable Table table;
  private @Nullable Schema lastFitted;
  private @Nullable Schema lastMapped;
  private @Nullable RowMapping lastMapping;
  private List<String> key = List.of();

  Target(LakeTable name, LakeCatalog catalog) {
    this.name = name;
    this.catalog = catalog;
  }

  LakeTable name() {
    return name;
  }

  /**
   * Makes the table fit records of a schema.
   *
   * @param keySchema schema of the record's key; null for a table that only grows
   * @param valueSchema schema of the record's value
   * @return whether the table's schema changed, so that open files no longer have it
   * @throws IncompatibleTableException when it cannot
   */
  // The decoder gives all records of a schema the same object.
  @SuppressWarnings("ReferenceEquality")
  boolean fit(@Nullable Schema keySchema, Schema valueSchema) {
    if (valueSchema == lastFitted) {
      return false;
    }
    lastFitted = valueSchema;
    if (!fitted.add(valueSchema)) {
      return false;
    }
    TableShape shape = TableShape.of(name, keySchema, valueSchema);
    int before = table == null ? -1 : table.schema().schemaId();
    table = catalog.ensure(shape);
    key = shape.key();
    if (table.schema().schemaId() == before) {
      return false;
    }
    refreshed();
    return true;
  }

  /** The table was read again, and may have got columns, or others in their places. */
  void refreshed() {
    mappings.clear();
    lastMapped = null;
  }

  /** The table. Loads it when no record with a value came yet, only deletes. */
  Table table() {
    Table open = table;
    if (open == null) {
      open = catalog.load(name);
      table = open;
    }
    return open;
  }

  /** Whether rows are deleted by their places; else by their keys. */
  boolean hasDeletionVectors() {
    return LakeCatalog.hasDeletionVectors(((HasTableOperations) table()).operations().current());
  }

  /** From rows of a schema to the table's columns. */
  @SuppressWarnings("ReferenceEquality")
  RowMapping mapping(Schema row) {
    RowMapping known = lastMapping;
    if (known == null || row != lastMapped) {
      known = mappings.computeIfAbsent(row, any -> RowMapping.of(any, table().schema().columns()));
      lastMapping = known;
      lastMapped = row;
    }
    return known;
  }

  /**
   * The partitioning in which deletes by key reach the row of a key wherever it is.
   *
   * @throws IncompatibleTableException when the table has none
   */
  PartitionSpec deletesByKey(org.apache.iceberg.Schema keySchema) {
    List<String> names = keySchema.columns().stream().map(Types.NestedField::name).toList();
    return DeletesByKey.spec(table(), names)
        .orElseThrow(
            () ->
                new IncompatibleTableException(
                    ("another writer changed how lake table %s is partitioned, so that deletes by"
                            + " key no longer reach its rows: start the sink again, which mends it")
                        .formatted(name.identifier())));
  }

  /** The table's key columns as a schema; of the record's key when no value came yet. */
  org.apache.iceberg.Schema keySchema(Schema recordKey) {
    List<String> names =
        key.isEmpty() ? recordKey.getFields().stream().map(Schema.Field::name).toList() : key;
    List<Types.NestedField> fields =
        names.stream()
            .map(column -> Objects.requireNonNull(table().schema().findField(column), column))
            .toList();
    return new org.apache.iceberg.Schema(fields);
  }
}

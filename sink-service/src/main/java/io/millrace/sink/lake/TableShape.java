package io.millrace.sink.lake;

import static java.util.Objects.requireNonNull;

import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.TableLayout.PartitionField;
import io.millrace.pipeline.TableLayout.SortField;
import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.SourceMetadata;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * What a lake table looks like for one version of its topic's schemas.
 *
 * @param table the table
 * @param columns in order, metadata last
 * @param key columns by which rows are upserted; empty for a table that only grows
 * @param keyIsRequired no key column can be null, so that the key can be Iceberg's row identity
 * @param day the timestamp column whose day partitions the table by default
 * @param comment what the table is; null where neither the file nor the database says it
 */
public record TableShape(
    LakeTable table,
    List<Column> columns,
    List<String> key,
    boolean keyIsRequired,
    Optional<String> day,
    @Nullable String comment) {

  /** The change's operation in a bronze table: {@code r}, {@code c}, {@code u} or {@code d}. */
  public static final String OP = "_op";

  /** Property of an aggregate's row schema that names its window_start column. */
  static final String WINDOW = "millrace.window";

  /**
   * A column.
   *
   * @param required never null
   * @param comment what it is; null where neither the file nor the database says it
   */
  public record Column(
      String name, Type.PrimitiveType type, boolean required, @Nullable String comment) {}

  /**
   * The shape of a table.
   *
   * @param key schema of the topic's keys; a table that only grows needs none
   * @param value schema of the topic's values: the change envelope for source tables, the row for
   *     views
   * @throws IncompatibleTableException when a column's type has no place in the lake
   */
  public static TableShape of(LakeTable table, @Nullable Schema key, Schema value) {
    return switch (table.content()) {
      case CHANGES -> ofChanges(table, ChangeEvent.row(value));
      case APPENDED -> ofAppended(table, ChangeEvent.row(value));
      case MIRROR -> ofMirror(table, requireNonNull(key), ChangeEvent.row(value));
      case VIEW -> ofView(table, requireNonNull(key), value);
    };
  }

  private static TableShape ofChanges(LakeTable table, Schema row) {
    List<Column> columns = new ArrayList<>();
    columns.add(column(table, OP, Types.StringType.get(), true, null));
    for (Column column : columns(table, row)) {
      columns.add(new Column(column.name(), column.type(), false, column.comment()));
    }
    return new TableShape(
        table,
        withMetadata(table, columns),
        List.of(),
        false,
        Optional.of(SourceMetadata.SOURCE_TS),
        table.description().comment());
  }

  private static TableShape ofAppended(LakeTable table, Schema row) {
    return new TableShape(
        table,
        withMetadata(table, columns(table, row)),
        List.of(),
        false,
        Optional.empty(),
        comment(table, row));
  }

  private static TableShape ofMirror(LakeTable table, Schema key, Schema row) {
    return new TableShape(
        table,
        withMetadata(table, columns(table, row)),
        names(key),
        isRequired(key),
        Optional.empty(),
        comment(table, row));
  }

  private static @Nullable String comment(LakeTable table, Schema row) {
    String declared = table.description().comment();
    return declared == null ? row.getDoc() : declared;
  }

  private static TableShape ofView(LakeTable table, Schema key, Schema row) {
    String window = row.getProp(WINDOW);
    List<String> names = names(key);
    return new TableShape(
        table,
        columns(table, row),
        names,
        isRequired(key),
        // Of the key, so that equality deletes can be written per partition: else every scan of the
        // table would read them all.
        Optional.ofNullable(window).filter(names::contains),
        comment(table, row));
  }

  private static List<String> names(Schema key) {
    return key.getFields().stream().map(Schema.Field::name).toList();
  }

  private static boolean isRequired(Schema key) {
    return key.getFields().stream().noneMatch(field -> LakeTypes.isNullable(field.schema()));
  }

  private static List<Column> columns(LakeTable table, Schema row) {
    List<Column> columns = new ArrayList<>();
    for (Schema.Field field : row.getFields()) {
      boolean required = !LakeTypes.isNullable(field.schema());
      columns.add(column(table, field.name(), type(table, field), required, field.doc()));
    }
    return columns;
  }

  private static Column column(
      LakeTable table,
      String name,
      Type.PrimitiveType type,
      boolean required,
      @Nullable String comment) {
    String declared = table.description().columns().get(name);
    return new Column(name, type, required, declared == null ? comment : declared);
  }

  private static Type.PrimitiveType type(LakeTable table, Schema.Field field) {
    try {
      return LakeTypes.of(field.schema());
    } catch (IncompatibleTableException e) {
      throw new IncompatibleTableException(
          "column %s of topic %s cannot stand in lake table %s: %s"
              .formatted(field.name(), table.topic(), table.identifier(), e.getMessage()));
    }
  }

  private static List<Column> withMetadata(LakeTable table, List<Column> columns) {
    List<Column> all = new ArrayList<>(columns);
    all.add(column(table, SourceMetadata.SOURCE_TS, Types.TimestampType.withZone(), true, null));
    all.add(column(table, SourceMetadata.SOURCE_POS, Types.StringType.get(), true, null));
    return List.copyOf(all);
  }

  /** The Iceberg schema of a new table of this shape. */
  org.apache.iceberg.Schema schema() {
    List<Types.NestedField> fields = new ArrayList<>();
    Set<Integer> identifier = new HashSet<>();
    for (Column column : columns) {
      int id = fields.size() + 1;
      fields.add(
          column.required()
              ? Types.NestedField.required(id, column.name(), column.type(), column.comment())
              : Types.NestedField.optional(id, column.name(), column.type(), column.comment()));
      if (keyIsRequired && key.contains(column.name())) {
        identifier.add(id);
      }
    }
    return new org.apache.iceberg.Schema(fields, identifier);
  }

  /** The partitioning of a new table of this shape. */
  PartitionSpec spec(org.apache.iceberg.Schema schema) {
    List<PartitionField> declared = table.layout().partitionBy();
    if (declared == null) {
      PartitionSpec.Builder spec = PartitionSpec.builderFor(schema);
      day.ifPresent(spec::day);
      return spec.build();
    }
    PartitionSpec spec = new BoundLayout(table, schema).spec(declared);
    // Else deletes by key need the partitioning without partitions, which LayoutEvolution then
    // leaves behind.
    boolean byPlace = table.formatVersion() >= LakeCatalog.VECTORS;
    return key.isEmpty() || byPlace || DeletesByKey.follows(spec, key)
        ? spec
        : PartitionSpec.unpartitioned();
  }

  /** The sort order of a new table of this shape. */
  SortOrder order(org.apache.iceberg.Schema schema) {
    List<SortField> declared = table.layout().sortBy();
    return declared == null ? SortOrder.unsorted() : new BoundLayout(table, schema).order(declared);
  }

  /** The column of a name; null when this shape has none. */
  @Nullable Column column(String name) {
    return columns.stream().filter(column -> column.name().equals(name)).findFirst().orElse(null);
  }
}

package io.millrace.pipeline.plan;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.PipelineFileReader;
import io.millrace.schemas.Row;
import io.millrace.schemas.SourceMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/** The example pipeline and the schemas of its tables. */
final class Shop {
  static final String SALES =
      """
      SELECT l.order_id, l.line_no, o.placed_at, c.country, p.category,
             l.quantity * l.unit_price AS amount
      FROM order_lines l
      JOIN orders o         ON l.order_id = o.order_id
      JOIN products p       ON l.product_id = p.product_id
      LEFT JOIN customers c ON o.customer_id = c.customer_id
      WHERE o.status <> 'cancelled'
      """;
  static final String REVENUE =
      """
      SELECT window_start, window_end, country, SUM(amount) AS revenue, COUNT(*) AS lines
      FROM TABLE(TUMBLE(TABLE sales, DESCRIPTOR(placed_at), INTERVAL '1' MINUTE))
      GROUP BY window_start, window_end, country
      """;

  private static final Schema STRING = Schema.create(Schema.Type.STRING);
  private static final Schema INT = Schema.create(Schema.Type.INT);
  private static final Schema LONG = Schema.create(Schema.Type.LONG);
  private static final Schema INSTANT =
      LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG));

  private Shop() {}

  static Schema decimal(int precision, int scale) {
    return LogicalTypes.decimal(precision, scale).addToSchema(Schema.create(Schema.Type.BYTES));
  }

  static Schema nullable(Schema type) {
    return Schema.createUnion(Schema.create(Schema.Type.NULL), type);
  }

  static Map<String, Relation> tables() {
    Map<String, Relation> tables = new LinkedHashMap<>();
    add(
        tables,
        "customers",
        1,
        columns("customer_id", LONG, "country", nullable(STRING), "email", nullable(STRING)));
    add(
        tables,
        "products",
        1,
        columns("product_id", STRING, "description", nullable(STRING), "category", STRING));
    add(
        tables,
        "orders",
        1,
        columns(
            "order_id",
            STRING,
            "customer_id",
            nullable(LONG),
            "placed_at",
            INSTANT,
            "status",
            STRING));
    add(
        tables,
        "order_lines",
        2,
        columns(
            "order_id",
            STRING,
            "line_no",
            INT,
            "product_id",
            STRING,
            "quantity",
            INT,
            "unit_price",
            decimal(12, 2)));
    add(
        tables,
        "page_views",
        1,
        columns(
            "view_id", LONG, "customer_id", nullable(LONG), "url", STRING, "viewed_at", INSTANT));
    return tables;
  }

  static Map<String, Schema> columns(Object... namesAndTypes) {
    Map<String, Schema> columns = new LinkedHashMap<>();
    for (int i = 0; i < namesAndTypes.length; i += 2) {
      columns.put((String) namesAndTypes[i], (Schema) namesAndTypes[i + 1]);
    }
    return columns;
  }

  static void add(
      Map<String, Relation> tables, String name, int keyColumns, Map<String, Schema> columns) {
    tables.put(name, relation(name, keyColumns, columns));
  }

  /** A source table whose first columns are its key; 0: of a table without one. */
  static Relation relation(String name, int keyColumns, Map<String, Schema> columns) {
    List<Schema.Field> fields = new ArrayList<>();
    columns.forEach((column, type) -> fields.add(ColumnTypes.field(column, type)));
    List<Schema.Field> key =
        keyColumns == 0
            ? List.of(new Schema.Field(SourceMetadata.SOURCE_POS, SourceMetadata.sourcePos()))
            : fields.subList(0, keyColumns).stream()
                .map(field -> new Schema.Field(field, field.schema()))
                .toList();
    return new Relation(
        name,
        Relation.Kind.SOURCE_TABLE,
        ColumnTypes.record(name + "_key", "io.millrace.shop", key),
        ColumnTypes.row(name, "io.millrace.shop", fields));
  }

  static Row row(Relation relation, @Nullable Object... columns) {
    @Nullable Object[] values = Arrays.copyOf(columns, columns.length + 2);
    values[columns.length] = 0L;
    values[columns.length + 1] = "0";
    return new Row(relation.row(), values);
  }

  static BigDecimal money(String amount) {
    return new BigDecimal(amount);
  }

  /** The shop's file with these views in place of its own. */
  static PipelineFile file(
      Path directory, Map<String, String> enrich, Map<String, String> aggregate) {
    return file(directory, List.copyOf(tables().keySet()), enrich, aggregate);
  }

  static PipelineFile file(
      Path directory,
      List<String> tables,
      Map<String, String> enrich,
      Map<String, String> aggregate) {
    StringBuilder yaml =
        new StringBuilder(
            """
            pipeline: shop
            kafka: {bootstrap.servers: "localhost:9092"}
            registry: {url: "http://localhost:8080/apis/ccompat/v7"}
            topics: {partitions: 2, replication_factor: 1, compaction_lag: 7d}
            lake: {catalog: {type: jdbc, uri: "jdbc:postgresql:lake", warehouse: "file:///lake"}}
            source:
              connector: postgresql
              config: {database.hostname: localhost, database.user: u, database.dbname: shop}
              tables:
            """);
    tables.forEach(
        name ->
            yaml.append(
                "    %s: {from: public.%s}\n".formatted(name, name.equals("t") ? "T" : name)));
    append(yaml, "enrich", enrich);
    append(yaml, "aggregate", aggregate);
    try {
      return PipelineFileReader.read(
          Files.writeString(directory.resolve("pipeline.yaml"), yaml), Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void append(StringBuilder yaml, String section, Map<String, String> views) {
    yaml.append(section + ":\n");
    views.forEach(
        (name, sql) -> yaml.append("  %s:\n    sql: |\n%s".formatted(name, sql.indent(6))));
  }
}

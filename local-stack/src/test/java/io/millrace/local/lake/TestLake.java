package io.millrace.local.lake;

import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.PipelineFileReader;
import io.millrace.pipeline.plan.Relation;
import io.millrace.runtime.PipelineSchemas;
import io.millrace.schemas.ChangeEvent;
import io.millrace.sink.lake.LakeCatalog;
import io.millrace.sink.lake.TableShape;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericFileWriterFactory;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.encryption.EncryptionUtil;
import org.apache.iceberg.io.DataWriter;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL with a table of every type, a lake beside it, and a pipeline from one to the other
 * that no service runs: tests write both sides.
 */
final class TestLake implements AutoCloseable {
  static final String TABLE =
      """
      CREATE TABLE items (
        id bigint PRIMARY KEY, price numeric(12, 2), seen timestamptz, local timestamp, day date,
        tag uuid, note text, good boolean, few int, raw bytea)
      """;

  private static final String PIPELINE =
      """
      pipeline: test
      kafka: {bootstrap.servers: "localhost:9"}
      registry: {url: "http://localhost:9"}
      source:
        connector: postgresql
        config:
          database.hostname: localhost
          database.port: "${PORT}"
          database.user: postgres
          database.dbname: postgres
        tables:
          items: {from: public.items}
      enrich:
        cheap:
          sql: |
            SELECT id, price * 2 AS twice, seen FROM items WHERE price < 10
      aggregate:
        per_minute:
          sql: |
            SELECT window_start, window_end, COUNT(*) AS n, SUM(twice) AS total
            FROM TABLE(TUMBLE(TABLE cheap, DESCRIPTOR(seen), INTERVAL '1' MINUTE))
            GROUP BY window_start, window_end
      lake:
        catalog:
          type: jdbc
          uri: "jdbc:postgresql://localhost:${PORT}/postgres"
          jdbc.user: postgres
          warehouse: "file://${WAREHOUSE}"
      """;

  private final EmbeddedPostgres postgres;
  private final PipelineFile pipeline;
  private final LakeCatalog catalog;

  TestLake(Path directory) throws Exception {
    postgres = EmbeddedPostgres.builder().setServerConfig("timezone", "Asia/Tokyo").start();
    Path file = Files.writeString(directory.resolve("pipeline.yaml"), PIPELINE);
    pipeline =
        PipelineFileReader.read(
            file,
            Map.of(
                "PORT", String.valueOf(postgres.getPort()),
                "WAREHOUSE", directory.resolve("warehouse").toString()));
    catalog = LakeCatalog.open(pipeline);
    execute(TABLE);
  }

  PipelineFile pipeline() {
    return pipeline;
  }

  /** The source table as cdc-connector would register it. */
  static Relation items() {
    Schema key =
        SchemaBuilder.record("items_key")
            .namespace("io.millrace.test")
            .fields()
            .requiredLong("id")
            .endRecord();
    return PipelineSchemas.relation("items", key, ChangeEvent.schema(row()));
  }

  private static Schema row() {
    return new Schema.Parser()
        .parse(
            """
            {"type": "record", "name": "items", "namespace": "io.millrace.test", "fields": [
              {"name": "id", "type": "long"},
              {"name": "price", "default": null, "type": ["null",
                {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}]},
              {"name": "seen", "default": null, "type": ["null",
                {"type": "long", "logicalType": "timestamp-micros"}]},
              {"name": "local", "default": null, "type": ["null",
                {"type": "long", "logicalType": "local-timestamp-micros"}]},
              {"name": "day", "default": null, "type": ["null",
                {"type": "int", "logicalType": "date"}]},
              {"name": "tag", "default": null, "type": ["null",
                {"type": "string", "logicalType": "uuid"}]},
              {"name": "note", "default": null, "type": ["null", "string"]},
              {"name": "good", "default": null, "type": ["null", "boolean"]},
              {"name": "few", "default": null, "type": ["null", "int"]},
              {"name": "raw", "default": null, "type": ["null", "bytes"]}]}
            """);
  }

  void execute(String sql) throws Exception {
    try (Connection connection =
            DriverManager.getConnection(postgres.getJdbcUrl("postgres", "postgres"));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Creates a lake table; key and value are its topic's schemas. */
  Table create(String identifier, Schema key, Schema value) {
    return catalog.ensure(TableShape.of(lakeTable(identifier), key, value));
  }

  Table createItems(String identifier) {
    return create(identifier, items().key(), ChangeEvent.schema(row()));
  }

  private LakeTable lakeTable(String identifier) {
    return pipeline.lakeTables().stream()
        .filter(table -> table.identifier().equals(identifier))
        .findFirst()
        .orElseThrow();
  }

  /** A row of a table from names and values in turn. */
  static Record row(Table table, @Nullable Object... namesAndValues) {
    GenericRecord row = GenericRecord.create(table.schema());
    for (int i = 0; i < namesAndValues.length; i += 2) {
      row.setField(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
    }
    return row;
  }

  /** One Iceberg commit: equality deletes of keys that were there before, and rows. */
  static void commit(Table table, List<Record> deletedKeys, List<Record> rows) throws Exception {
    RowDelta delta = table.newRowDelta();
    int[] key = table.schema().identifierFieldIds().stream().mapToInt(id -> id).toArray();
    GenericFileWriterFactory writers =
        new GenericFileWriterFactory.Builder(table)
            .dataFileFormat(FileFormat.PARQUET)
            .deleteFileFormat(FileFormat.PARQUET)
            .equalityFieldIds(key)
            .equalityDeleteRowSchema(table.schema().select(table.schema().identifierFieldNames()))
            .build();
    if (!deletedKeys.isEmpty()) {
      EqualityDeleteWriter<Record> writer =
          writers.newEqualityDeleteWriter(file(table), table.spec(), null);
      try (writer) {
        writer.write(deletedKeys);
      }
      delta.addDeletes(writer.toDeleteFile());
    }
    if (!rows.isEmpty()) {
      DataWriter<Record> writer =
          writers.newDataWriter(file(table), table.spec(), partition(table, rows.getFirst()));
      try (writer) {
        writer.write(new ArrayList<>(rows));
      }
      delta.addRows(writer.toDataFile());
    }
    delta.commit();
  }

  /** The partition of a row; the rows of one commit have the same. */
  private static @Nullable StructLike partition(Table table, Record row) {
    if (table.spec().isUnpartitioned()) {
      return null;
    }
    PartitionKey key = new PartitionKey(table.spec(), table.schema());
    key.partition(new InternalRecordWrapper(table.schema().asStruct()).wrap(row));
    return key;
  }

  private static EncryptedOutputFile file(Table table) {
    return EncryptionUtil.plainAsEncryptedOutput(
        table.io().newOutputFile(table.location() + "/data/" + UUID.randomUUID() + ".parquet"));
  }

  @Override
  public void close() throws IOException {
    catalog.close();
    postgres.close();
  }
}

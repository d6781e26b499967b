package io.millrace.sink;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.pipeline.FilePosition;
import io.millrace.pipeline.Lake;
import io.millrace.pipeline.LakeTableSettings;
import io.millrace.pipeline.Maintenance;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.Source;
import io.millrace.pipeline.SourceTable;
import io.millrace.pipeline.TableDescription;
import io.millrace.pipeline.TableLayout;
import io.millrace.pipeline.TopicSettings;
import io.millrace.pipeline.View;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.sink.commit.CommitHook;
import io.millrace.sink.lake.LakeCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;

/** A pipeline of its own for one test: two source tables, a view, an aggregate, and their lake. */
public final class TestLake implements AutoCloseable {
  static final String STAGE = "sink-service";

  /** Whatever a test does, snapshots expire and files become one meanwhile. */
  private static final Maintenance ALWAYS =
      new Maintenance(
          true, Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofDays(3), 16 << 10);

  private final PipelineFile pipeline;
  private final SchemaRegistry registry;
  private final Path directory;
  private final LakeCatalog catalog;
  private final List<String> fatal = new CopyOnWriteArrayList<>();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private int stages;

  /** Where the tables' files and their catalog are. */
  public enum Place {
    /** On the local disk and in a database. */
    LOCAL,
    /** In an S3 store and behind REST. */
    REMOTE
  }

  /** Of tables in the format that they have by themselves. */
  public TestLake(
      Servers.Running servers, SchemaRegistry registry, String registryUrl, Path directory) {
    this(servers, registry, registryUrl, directory, Place.LOCAL, Map.of());
  }

  /** Likewise, at a place. */
  TestLake(Servers.Running servers, SchemaRegistry registry, Path directory, Place place) {
    this(servers, registry, "http://127.0.0.1:1", directory, place, Map.of());
  }

  /** Of keyed tables in a format. */
  public TestLake(
      Servers.Running servers, SchemaRegistry registry, Path directory, int formatVersion) {
    this(servers, registry, directory, Place.LOCAL, formatVersion);
  }

  /** Of keyed tables in a format, at a place. */
  public TestLake(
      Servers.Running servers,
      SchemaRegistry registry,
      Path directory,
      Place place,
      int formatVersion) {
    this(
        servers,
        registry,
        "http://127.0.0.1:1",
        directory,
        place,
        Map.of("silver.orders", ofFormat(formatVersion), "silver.sales", ofFormat(formatVersion)));
  }

  /** Of tables of which the file says something, by their identifiers. */
  public TestLake(
      Servers.Running servers,
      SchemaRegistry registry,
      Path directory,
      Map<String, LakeTableSettings> tables) {
    this(servers, registry, "http://127.0.0.1:1", directory, Place.LOCAL, tables);
  }

  private TestLake(PipelineFile pipeline, SchemaRegistry registry, Path directory) {
    this.registry = registry;
    this.directory = directory;
    this.pipeline = pipeline;
    this.catalog = LakeCatalog.open(pipeline);
  }

  /** What a file says that names nothing of a table but its format. */
  public static LakeTableSettings ofFormat(int version) {
    return laidOut(version, TableLayout.USUAL);
  }

  /** What a file says that lays a table out. */
  public static LakeTableSettings laidOut(int version, TableLayout layout) {
    return new LakeTableSettings(version, null, layout, TableDescription.NONE);
  }

  /** The same lake, as a process sees it that starts with another file. */
  public TestLake restarted(Map<String, LakeTableSettings> tables) {
    return new TestLake(
        pipeline(
            pipeline.pipeline(),
            requireNonNull(pipeline.kafka().get("bootstrap.servers")),
            requireNonNull(pipeline.registry().get("url")),
            pipeline.lake().catalog(),
            tables),
        registry,
        directory);
  }

  private TestLake(
      Servers.Running servers,
      SchemaRegistry registry,
      String registryUrl,
      Path directory,
      Place place,
      Map<String, LakeTableSettings> tables) {
    String name = servers.newName();
    this.registry = registry;
    this.directory = directory;
    this.pipeline =
        pipeline(
            name,
            servers.broker().bootstrapServers(),
            registryUrl,
            place == Place.LOCAL
                ? local(servers.newDatabase(name), directory.resolve("warehouse"))
                : servers.remoteLake().catalog(name),
            tables);
    this.catalog = LakeCatalog.open(pipeline);
  }

  private static Map<String, String> local(String database, Path warehouse) {
    return Map.of(
        "type", "jdbc",
        "uri", database,
        "jdbc.user", "postgres",
        "jdbc.password", "postgres",
        "warehouse", warehouse.toUri().toString());
  }

  static PipelineFile pipeline(
      String name,
      String brokers,
      String registryUrl,
      Map<String, String> catalog,
      Map<String, LakeTableSettings> tables) {
    FilePosition nowhere = new FilePosition(1, 1);
    return new PipelineFile(
        Path.of("pipeline.yaml"),
        name,
        Map.of(
            "bootstrap.servers",
            brokers,
            "session.timeout.ms",
            "3000",
            "heartbeat.interval.ms",
            "1000"),
        Map.of("url", registryUrl),
        new TopicSettings(2, (short) 1, Duration.ofDays(7)),
        Map.of(),
        new Source(
            "postgresql",
            Map.of(),
            Map.of(
                "orders", new SourceTable("orders", "public.orders", false, nowhere),
                "clicks", new SourceTable("clicks", "public.clicks", true, nowhere))),
        Map.of("sales", new View("sales", "SELECT 1", nowhere, 0)),
        Map.of("revenue", new View("revenue", "SELECT 1", nowhere, 0)),
        new Lake(catalog, Duration.ofMillis(300), ALWAYS, null, tables));
  }

  public PipelineFile pipeline() {
    return pipeline;
  }

  public SchemaRegistry registry() {
    return registry;
  }

  public LakeCatalog catalog() {
    return catalog;
  }

  SimpleMeterRegistry meters() {
    return meters;
  }

  List<String> fatal() {
    return fatal;
  }

  /** How many deletion vectors each data file has that has one. */
  public Map<String, Long> vectorsPerFile(String table) {
    Map<String, Long> vectors = new HashMap<>();
    try (CloseableIterable<FileScanTask> files = catalog.load(table).newScan().planFiles()) {
      for (FileScanTask file : files) {
        if (!file.deletes().isEmpty()) {
          vectors.put(file.file().location(), (long) file.deletes().size());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return vectors;
  }

  /** A sink, not started. Each has a state directory of its own, as if on a machine of its own. */
  SinkStage newStage() {
    return new SinkStage(context(directory.resolve("state" + stages++)));
  }

  /** A sink with something around its hooks. */
  SinkStage newStage(
      UnaryOperator<CommitHook> aroundWriter, UnaryOperator<CommitHook> aroundCommitter) {
    return new SinkStage(
        context(directory.resolve("state" + stages++)), aroundWriter, aroundCommitter);
  }

  StageContext context(Path state) {
    try {
      Files.createDirectories(state);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new StageContext(STAGE, pipeline, state, registry, meters, fatal::add);
  }

  /** All rows of a table as a reader that honours deletes sees them. */
  public List<Map<String, Object>> rows(String table) {
    Table loaded = catalog.load(table);
    List<Map<String, Object>> rows = new ArrayList<>();
    try (CloseableIterable<Record> records = IcebergGenerics.read(loaded).build()) {
      for (Record record : records) {
        Map<String, Object> row = new HashMap<>();
        loaded
            .schema()
            .columns()
            .forEach(column -> row.put(column.name(), record.getField(column.name())));
        rows.add(row);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  /** Rewrites all data files of a table into one, as another engine's compaction does. */
  public void compact(String table) {
    Table loaded = catalog.load(table);
    ForeignCompaction.run(loaded);
  }

  /** Deletes rows as another engine does, by their places. */
  public void delete(String table, Expression which) {
    ForeignDelete.run(catalog.load(table), which);
  }

  @Override
  public void close() {
    catalog.close();
  }
}

package io.millrace.sink.lake;

import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.Version;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.EnvironmentContext;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pipeline's Iceberg catalog: opens, creates and evolves its tables. Thread-safe. Every table
 * that it returns is loaded anew, so each thread may keep its own.
 */
public final class LakeCatalog implements Closeable {
  /** Table property: the pipeline that keeps the table. */
  public static final String PIPELINE = "millrace.pipeline";

  /** Table property: the columns by which rows are upserted, comma-separated. */
  public static final String KEY = "millrace.key";

  private static final Logger LOG = LoggerFactory.getLogger(LakeCatalog.class);
  private static final String NAME = "millrace";

  /** The first format version with deletion vectors. */
  static final int VECTORS = 3;

  static {
    // Iceberg writes it into each snapshot that this process makes.
    EnvironmentContext.put(EnvironmentContext.ENGINE_NAME, "millrace");
    EnvironmentContext.put(EnvironmentContext.ENGINE_VERSION, Version.current());
  }

  private final Catalog catalog;
  private final String pipeline;

  /**
   * Tables that have the layout of this process's file. Each process brings it to a table once, so
   * that two whose files differ do not undo each other's.
   */
  private final Set<String> laidOut = ConcurrentHashMap.newKeySet();

  private LakeCatalog(Catalog catalog, String pipeline) {
    this.catalog = catalog;
    this.pipeline = pipeline;
  }

  /** Opens the catalog that a pipeline file names. The catalog's name is {@code millrace}. */
  public static LakeCatalog open(PipelineFile pipeline) {
    Catalog catalog =
        CatalogUtil.buildIcebergCatalog(NAME, settings(pipeline.lake().catalog()), null);
    return new LakeCatalog(catalog, pipeline.pipeline());
  }

  /** The file's settings, and defaults for what it leaves open. */
  static Map<String, String> settings(Map<String, String> declared) {
    Map<String, String> settings = new HashMap<>();
    // A commit that hangs holds up the Kafka transaction of all tables: rather fail and look.
    if (declared.getOrDefault(CatalogProperties.URI, "").startsWith("jdbc:postgresql:")) {
      settings.put("jdbc.connectTimeout", "10");
      settings.put("jdbc.socketTimeout", "30");
      settings.put("jdbc.schema-version", "V1");
      settings.put(CatalogProperties.CLIENT_POOL_SIZE, "4");
    }
    if (CatalogUtil.ICEBERG_CATALOG_TYPE_REST.equals(
        declared.get(CatalogUtil.ICEBERG_CATALOG_TYPE))) {
      settings.put("rest.client.connection-timeout-ms", "10000");
      settings.put("rest.client.socket-timeout-ms", "30000");
    }
    String warehouse = declared.getOrDefault(CatalogProperties.WAREHOUSE_LOCATION, "");
    if (warehouse.startsWith("file:") || warehouse.startsWith("/")) {
      settings.put(CatalogProperties.FILE_IO_IMPL, LocalFileIO.class.getName());
    } else if (warehouse.startsWith("s3:")) {
      settings.put(CatalogProperties.FILE_IO_IMPL, "org.apache.iceberg.aws.s3.S3FileIO");
    }
    settings.putAll(declared);
    return settings;
  }

  /** The table as it is now. */
  public Table load(LakeTable table) {
    return load(table.identifier());
  }

  /**
   * The table as it is now.
   *
   * @param identifier {@code namespace.name}
   * @throws NoSuchTableException when there is none
   */
  public Table load(String identifier) {
    return catalog.loadTable(TableIdentifier.parse(identifier));
  }

  /**
   * Makes sure that a table exists and can hold rows of a shape: creates it, or adds and widens
   * columns. New files of it get the layout that the pipeline file says.
   *
   * @throws IncompatibleTableException when the table belongs to something else, would have to
   *     change in a way that loses data, or has not what the pipeline file names
   */
  public Table ensure(TableShape shape) {
    String identifier = shape.table().identifier();
    if (laidOut.contains(identifier)) {
      return evolved(shape);
    }
    synchronized (laidOut) {
      Table table = evolved(shape);
      if (!laidOut.contains(identifier)) {
        requireColumns(table, shape);
        LayoutEvolution.evolve(table, shape);
        laidOut.add(identifier);
      }
      return table;
    }
  }

  /**
   * Does as {@link #ensure}, and brings what the table shows to people to what the shape is: the
   * order of columns, comments, and the owner.
   *
   * @param newest of the topic's newest schemas
   */
  public void present(TableShape newest) {
    Presentation.evolve(ensure(newest), newest);
  }

  private static void requireColumns(Table table, TableShape shape) {
    BoundLayout columns = new BoundLayout(shape.table(), table.schema());
    for (String column : shape.table().description().columns().keySet()) {
      columns.column(column, "column_comments");
    }
  }

  private Table evolved(TableShape shape) {
    Table table = loadOrCreate(shape);
    String owner = table.properties().get(PIPELINE);
    if (!pipeline.equals(owner)) {
      throw new IncompatibleTableException(
          "lake table %s belongs to %s, not to pipeline %s: drop or rename it, or choose another "
                  .formatted(
                      shape.table().identifier(),
                      owner == null ? "no pipeline" : "pipeline " + owner,
                      pipeline)
              + "warehouse and catalog");
    }
    SchemaEvolution.evolve(table, shape);
    return table;
  }

  /** Whether rows of a table are deleted by vectors of their places; else by their keys. */
  public static boolean hasDeletionVectors(TableMetadata table) {
    return table.formatVersion() >= VECTORS && table.properties().containsKey(KEY);
  }

  private Table loadOrCreate(TableShape shape) {
    try {
      return load(shape.table());
    } catch (NoSuchTableException e) {
      return create(shape);
    }
  }

  private static void warnOfOldFormat(Table made, LakeTable asked) {
    int format = TableUtil.formatVersion(made);
    if (format < asked.formatVersion()) {
      LOG.warn(
          "The catalog made lake table {} in format {}, for it has no format {}: deletes will cost"
              + " its readers more",
          asked.identifier(),
          format,
          asked.formatVersion());
    }
  }

  private Table create(TableShape shape) {
    ensureNamespace(Namespace.of(shape.table().namespace()));
    Schema schema = shape.schema();
    try {
      Table table =
          catalog
              .buildTable(TableIdentifier.parse(shape.table().identifier()), schema)
              .withPartitionSpec(shape.spec(schema))
              .withSortOrder(shape.order(schema))
              .withProperties(properties(shape))
              .create();
      LOG.info("Created lake table {}", shape.table().identifier());
      warnOfOldFormat(table, shape.table());
      return table;
    } catch (AlreadyExistsException e) {
      return load(shape.table());
    }
  }

  private void ensureNamespace(Namespace namespace) {
    if (catalog instanceof SupportsNamespaces namespaces
        && !namespaces.namespaceExists(namespace)) {
      try {
        namespaces.createNamespace(namespace);
      } catch (AlreadyExistsException e) {
        LOG.debug("Another sink created namespace {} meanwhile", namespace);
      }
    }
  }

  private Map<String, String> properties(TableShape shape) {
    Map<String, String> properties = Presentation.properties(shape);
    properties.put(PIPELINE, pipeline);
    properties.put(TableProperties.FORMAT_VERSION, String.valueOf(shape.table().formatVersion()));
    properties.put(TableProperties.PARQUET_COMPRESSION, "zstd");
    // Many files are open at a time in a small heap.
    properties.put(TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES, String.valueOf(16 << 20));
    properties.put(TableProperties.PARQUET_PAGE_SIZE_BYTES, String.valueOf(256 << 10));
    properties.put(TableProperties.PARQUET_DICT_SIZE_BYTES, String.valueOf(256 << 10));
    properties.put(TableProperties.WRITE_TARGET_FILE_SIZE_BYTES, String.valueOf(128L << 20));
    // Each commit leaves a metadata file behind.
    properties.put(TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true");
    properties.put(TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "20");
    if (!shape.key().isEmpty()) {
      properties.put(KEY, String.join(",", shape.key()));
    }
    return properties;
  }

  @Override
  public void close() {
    if (catalog instanceof Closeable closeable) {
      try {
        closeable.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

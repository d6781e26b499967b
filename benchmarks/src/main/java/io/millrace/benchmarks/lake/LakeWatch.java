package io.millrace.benchmarks.lake;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.PipelineFile;
import io.millrace.sink.lake.LakeCatalog;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/**
 * Notes when each snapshot of the lake's tables becomes visible to readers, by asking the JDBC
 * catalog again and again for the tables' current metadata. A snapshot is seen at most {@link
 * #POLL_MILLIS} and the reading of its metadata after it could be.
 */
public final class LakeWatch implements AutoCloseable {
  /** Time between two looks. */
  public static final int POLL_MILLIS = 50;

  private static final String NO_SUCH_TABLE = "42P01";
  private static final String POINTERS =
      "SELECT table_namespace || '.' || table_name, metadata_location FROM iceberg_tables";

  private final PipelineFile pipeline;
  private final String catalogUrl;
  private final Map<String, String> locations = new HashMap<>();
  private final Set<Long> known = new HashSet<>();
  private final List<Visible> snapshots = new CopyOnWriteArrayList<>();
  private final Thread thread =
      Thread.ofPlatform().daemon().name("lake-watch").unstarted(this::run);
  private volatile boolean closing;
  private volatile @Nullable Exception failure;

  /**
   * A snapshot that changed its table.
   *
   * @param table {@code namespace.name}
   * @param at when it was first seen, milliseconds since the epoch
   */
  public record Visible(String table, Snapshot snapshot, long at) {
    private long summary(String name) {
      return Long.parseLong(snapshot.summary().getOrDefault(name, "0"));
    }

    /** Rows that it added. */
    public long addedRows() {
      return summary(SnapshotSummary.ADDED_RECORDS_PROP);
    }

    private boolean changesRows() {
      return summary(SnapshotSummary.ADDED_FILES_PROP)
              + summary(SnapshotSummary.ADDED_DELETE_FILES_PROP)
              + summary(SnapshotSummary.DELETED_FILES_PROP)
          > 0;
    }
  }

  /** Begins to watch. */
  public LakeWatch(PipelineFile pipeline, String catalogUrl) {
    this.pipeline = pipeline;
    this.catalogUrl = catalogUrl;
    thread.start();
  }

  /** Every snapshot seen, in the order in which they were. */
  public List<Visible> snapshots() {
    Exception failed = failure;
    if (failed != null) {
      throw new BenchmarkException("the lake cannot be watched: " + failed, failed);
    }
    return snapshots;
  }

  /** When the newest snapshot was seen; 0 when none was. */
  public long lastChange() {
    List<Visible> seen = snapshots();
    return seen.isEmpty() ? 0 : seen.getLast().at();
  }

  /** The snapshots of one table, as they were seen. */
  public List<Visible> snapshots(String table) {
    return snapshots().stream().filter(seen -> seen.table().equals(table)).toList();
  }

  /** Rows that were ever added to tables of a kind. */
  public long addedRows(LakeTable.Content content) {
    return pipeline.lakeTables().stream()
        .filter(table -> table.content() == content)
        .flatMap(table -> snapshots(table.identifier()).stream())
        .mapToLong(Visible::addedRows)
        .sum();
  }

  private void run() {
    try (Connection connection = DriverManager.getConnection(catalogUrl);
        Statement statement = connection.createStatement();
        LakeCatalog catalog = LakeCatalog.open(pipeline)) {
      while (!closing) {
        look(statement, catalog);
        Thread.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException | RuntimeException e) {
      if (!closing) {
        failure = e;
      }
    }
  }

  private void look(Statement statement, LakeCatalog catalog) throws SQLException {
    for (Map.Entry<String, String> pointer : pointers(statement).entrySet()) {
      if (!pointer.getValue().equals(locations.put(pointer.getKey(), pointer.getValue()))) {
        note(pointer.getKey(), System.currentTimeMillis(), catalog.load(pointer.getKey()));
      }
    }
  }

  private void note(String name, long at, Table table) {
    List<Visible> fresh = new ArrayList<>();
    for (Snapshot snapshot : table.snapshots()) {
      if (known.add(snapshot.snapshotId())) {
        fresh.add(new Visible(name, snapshot, at));
      }
    }
    fresh.stream().filter(Visible::changesRows).forEach(snapshots::add);
  }

  private static Map<String, String> pointers(Statement statement) throws SQLException {
    Map<String, String> pointers = new HashMap<>();
    try (ResultSet rows = statement.executeQuery(POINTERS)) {
      while (rows.next()) {
        pointers.put(rows.getString(1), rows.getString(2));
      }
    } catch (SQLException e) {
      // until the sink has opened the catalog
      if (!NO_SUCH_TABLE.equals(e.getSQLState())) {
        throw e;
      }
    }
    return pointers;
  }

  @Override
  public void close() {
    closing = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

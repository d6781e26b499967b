package io.millrace.benchmarks.retail;

import io.millrace.benchmarks.lake.LakeWatch;
import io.millrace.pipeline.PipelineFile;
import io.millrace.sink.lake.LakeCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Set;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;

/**
 * Moments at which the lake's tables contradict each other: an order line is visible, and its order
 * is not, though one transaction wrote both. Found after the run, so that looking does not disturb
 * it, by reading the snapshots that were visible at the time.
 */
final class TornMoments {
  private static final String LINES = "silver.order_lines";
  private static final String ORDERS = "silver.orders";
  private static final String ORDER_ID = "order_id";

  private final LakeWatch watch;

  TornMoments(LakeWatch watch) {
    this.watch = watch;
  }

  /**
   * Looks at moments that lie evenly in a time.
   *
   * @param from milliseconds since the epoch
   * @param to milliseconds since the epoch
   * @return how many of them were torn
   */
  int count(PipelineFile pipeline, long from, long to, int moments) {
    int torn = 0;
    try (LakeCatalog catalog = LakeCatalog.open(pipeline)) {
      for (int i = 0; i < moments; i++) {
        long at = from + (to - from) * i / moments;
        Set<String> orders = orderIds(catalog, ORDERS, at);
        torn += orders.containsAll(orderIds(catalog, LINES, at)) ? 0 : 1;
      }
    }
    return torn;
  }

  private Set<String> orderIds(LakeCatalog catalog, String table, long at) {
    Set<String> ids = new HashSet<>();
    watch.snapshots(table).stream()
        .filter(seen -> seen.at() <= at)
        .reduce((earlier, later) -> later)
        .ifPresent(seen -> read(catalog.load(table), seen.snapshot().snapshotId(), ids));
    return ids;
  }

  private static void read(Table table, long snapshot, Set<String> ids) {
    try (CloseableIterable<Record> rows =
        IcebergGenerics.read(table).useSnapshot(snapshot).select(ORDER_ID).build()) {
      rows.forEach(row -> ids.add((String) row.getField(ORDER_ID)));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + table.name(), e);
    }
  }
}

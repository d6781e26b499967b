package io.millrace.benchmarks.lake;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.Directories;
import io.millrace.benchmarks.measure.CostMeter;
import io.millrace.benchmarks.measure.ProcessCost;
import io.millrace.benchmarks.measure.ProcessCost.Part;
import io.millrace.local.LocalStack;
import io.millrace.local.StackSettings;
import io.millrace.pipeline.PipelineFile;
import io.millrace.sink.commit.TableProgress;
import io.millrace.sink.lake.LakeCatalog;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;

/** A broker, and a sink that keeps one table under upserts. */
final class LakeBench implements AutoCloseable {
  private static final String SINK = "sink-service";
  private static final String TABLE = "silver.upserts";
  private static final Duration TIMEOUT = Duration.ofMinutes(10);
  private static final int POLL_MILLIS = 200;

  private final PrintStream out;
  private final LocalStack stack;

  LakeBench(Path directory, int formatVersion, Duration commitEvery, PrintStream out)
      throws IOException {
    this.out = out;
    Directories.clear(directory);
    this.stack =
        new LocalStack(
            new StackSettings(directory, Directories.copyResource("lake.yaml", directory))
                .withEnvironment("LAKE_FORMAT", Integer.toString(formatVersion))
                .withEnvironment("LAKE_COMMIT_EVERY", commitEvery.toMillis() + "ms"),
            line -> out.println("  " + line));
    stack.startInfrastructure();
  }

  LakeFigures.Run run(String what, long rows, int keys, int perSecond, long seed)
      throws InterruptedException {
    PipelineFile pipeline = stack.pipeline();
    Upserts upserts = new Upserts(pipeline, keys, seed);
    stack.restart(SINK);
    List<CostMeter.Watched> sink =
        List.of(new CostMeter.Watched(SINK, stack.pid(SINK).orElseThrow(), Part.PIPELINE));
    out.printf("  %s: %,d upserts at %,d a second%n", what, rows, perSecond);
    try (CostMeter meter = new CostMeter(sink);
        LakeCatalog catalog = LakeCatalog.open(pipeline)) {
      upserts.send(rows, perSecond);
      awaitAll(catalog, pipeline.topicNames().changes("upserts"), rows);
      List<ProcessCost> costs = meter.costs(sink, rows);
      stack.stop(SINK);
      Table table = catalog.load(TABLE);
      int commits = 0;
      long bytes = 0;
      for (Snapshot snapshot : table.snapshots()) {
        commits++;
        bytes +=
            Long.parseLong(
                snapshot.summary().getOrDefault(SnapshotSummary.ADDED_FILE_SIZE_PROP, "0"));
      }
      TableScan left = TableScan.of(table, upserts);
      Compaction.run(table);
      return new LakeFigures.Run(what, commits, bytes, left, TableScan.of(table, upserts), costs);
    }
  }

  private void awaitAll(LakeCatalog catalog, String topic, long rows) throws InterruptedException {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (progress(catalog, topic) < rows) {
      if (System.nanoTime() > deadline || stack.pid(SINK).isEmpty()) {
        throw new BenchmarkException(
            "the sink wrote %,d of %,d upserts".formatted(progress(catalog, topic), rows));
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private static long progress(LakeCatalog catalog, String topic) {
    HasTableOperations table = (HasTableOperations) catalog.load(TABLE);
    TableProgress.SourceProgress source =
        TableProgress.of(table.operations().current()).sources().get(topic + "-0");
    return source == null ? 0 : source.offset();
  }

  @Override
  public void close() {
    stack.close();
  }
}

package io.millrace.benchmarks.sink;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.Benchmarks;
import io.millrace.benchmarks.Directories;
import io.millrace.benchmarks.lake.LakeWatch;
import io.millrace.benchmarks.measure.CostMeter;
import io.millrace.benchmarks.measure.HotMethods;
import io.millrace.benchmarks.measure.ProcessCost;
import io.millrace.benchmarks.measure.ProcessCost.Part;
import io.millrace.benchmarks.workload.RetailWorkload;
import io.millrace.local.LocalStack;
import io.millrace.local.StackSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/** A broker with a full topic, and what empties it: the sink, or the bare loop. */
final class SinkBench implements AutoCloseable {
  private static final String SINK = "sink-service";
  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  /** As the stack gives the sink. */
  private static final List<String> JVM =
      List.of(
          "-Xms32m",
          "-Xmx320m",
          "-XX:+UseSerialGC",
          "-XX:+UseCompactObjectHeaders",
          "-XX:ReservedCodeCacheSize=96m",
          "-XX:MaxDirectMemorySize=96m",
          "-XX:-UsePerfData",
          "-Duser.timezone=UTC",
          "-Dlogback.configurationFile=millrace-logback.xml",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private final Path directory;
  private final Path pipelineFile;
  private final PrintStream out;
  private final LocalStack stack;

  SinkBench(Path directory, int partitions, boolean profile, PrintStream out) throws IOException {
    this.directory = directory;
    this.out = out;
    Directories.clear(directory);
    this.pipelineFile = Directories.copyResource("sink.yaml", directory);
    StackSettings settings =
        new StackSettings(directory, pipelineFile)
            .withEnvironment("SINK_PARTITIONS", Integer.toString(partitions));
    if (profile) {
      settings = settings.withJvmOptions(SINK, HotMethods.options(directory, SINK));
    }
    this.stack = new LocalStack(settings, line -> out.println("  " + line));
    stack.startInfrastructure();
  }

  static Path recording(Path directory) {
    return HotMethods.recording(directory, SINK);
  }

  long fill(RetailWorkload workload, long events) {
    long start = System.nanoTime();
    long written = new TopicFill(stack.pipeline()).fill(workload, events);
    out.printf(
        "  filled the topic with %,d events in %.1f s%n",
        written, (System.nanoTime() - start) / 1e9);
    return written;
  }

  /** Runs the sink until it has written all events. */
  SinkFigures.Run sink(long events) throws InterruptedException {
    out.println("  sink");
    long start = System.currentTimeMillis();
    try (LakeWatch watch = watch()) {
      stack.restart(SINK);
      long pid = stack.pid(SINK).orElseThrow();
      SinkFigures.Run run =
          await(
              watch,
              pid,
              "sink",
              "bronze.order_lines_changes",
              "silver.order_lines",
              events,
              start,
              () -> stack.pid(SINK).isPresent());
      stack.stop(SINK);
      return run;
    }
  }

  /** Runs the bare loop until it has written all events into tables of its own. */
  SinkFigures.Run bareLoop(String namespace, long events) throws IOException, InterruptedException {
    out.println("  bare loop");
    long start = System.currentTimeMillis();
    try (LakeWatch watch = watch()) {
      Process process = startBareLoop(namespace);
      try {
        return await(
            watch,
            process.pid(),
            "bare loop",
            namespace + ".bronze_order_lines_changes",
            namespace + ".silver_order_lines",
            events,
            start,
            process::isAlive);
      } finally {
        process.destroy();
        process.waitFor();
      }
    }
  }

  private Process startBareLoop(String namespace) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            Benchmarks.class.getName(),
            "bare-loop",
            pipelineFile.toString(),
            namespace));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(namespace + ".log").toFile());
    builder.environment().putAll(stack.environment());
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    return builder.start();
  }

  private LakeWatch watch() {
    return new LakeWatch(
        stack.pipeline(), Objects.requireNonNull(stack.environment().get("LAKE_CATALOG_URI")));
  }

  private SinkFigures.Run await(
      LakeWatch watch,
      long pid,
      String what,
      String changes,
      String rows,
      long events,
      long start,
      BooleanSupplier alive)
      throws InterruptedException {
    List<CostMeter.Watched> watched =
        List.of(
            new CostMeter.Watched(what, pid, Part.PIPELINE),
            new CostMeter.Watched("kafka", stack.pid("kafka").orElseThrow(), Part.PIPELINE));
    try (CostMeter meter = new CostMeter(List.of(watched.getLast()))) {
      List<ProcessCost> costs = List.of();
      long deadline = System.nanoTime() + TIMEOUT.toNanos();
      while (added(watch, changes) < events || added(watch, rows) < events) {
        if (System.nanoTime() > deadline || !alive.getAsBoolean()) {
          throw new BenchmarkException(
              "the %s wrote %,d of %,d rows and %s; its log is in %s"
                  .formatted(
                      what,
                      added(watch, changes),
                      events,
                      alive.getAsBoolean() ? "did not end in " + TIMEOUT : "ended",
                      directory));
        }
        costs = meter.costs(watched, events);
        Thread.sleep(LakeWatch.POLL_MILLIS);
      }
      return SinkFigures.Run.of(what, watch.snapshots(changes), start, costs);
    }
  }

  private static long added(LakeWatch watch, String table) {
    return watch.snapshots(table).stream().mapToLong(LakeWatch.Visible::addedRows).sum();
  }

  @Override
  public void close() {
    stack.close();
  }
}

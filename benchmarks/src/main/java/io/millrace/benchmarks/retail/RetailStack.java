package io.millrace.benchmarks.retail;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.Directories;
import io.millrace.benchmarks.measure.CostMeter;
import io.millrace.benchmarks.measure.HotMethods;
import io.millrace.benchmarks.measure.ProcessCost.Part;
import io.millrace.benchmarks.workload.SourceLoad;
import io.millrace.local.LocalStack;
import io.millrace.local.StackSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A fresh stack with the workload's tables and pipeline. */
final class RetailStack implements AutoCloseable {
  private static final String DATABASE = "postgres";
  private static final List<String> SERVICES =
      List.of("cdc-connector", "enrichment-service", "aggregation-service", "sink-service");
  private static final List<String> INFRASTRUCTURE = List.of("kafka", "registry");
  private static final int TOP = 20;
  private static final Duration READY_POLL = Duration.ofMillis(100);

  private final Path directory;
  private final RetailSettings settings;
  private final PrintStream out;
  private final LocalStack stack;
  private final Queue<String> deaths = new ConcurrentLinkedQueue<>();

  RetailStack(RetailSettings settings, String name, PrintStream out) {
    this.settings = settings;
    this.out = out;
    this.directory = settings.directory().resolve(name);
    try {
      Directories.clear(directory);
      this.stack = new LocalStack(stackSettings(), line -> out.println("  " + line));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare " + directory, e);
    }
    stack.onDeath((process, obituary) -> deaths.add(obituary));
  }

  private StackSettings stackSettings() throws IOException {
    StackSettings stackSettings =
        new StackSettings(directory, pipelineFile())
            .withEnvironment("RETAIL_PARTITIONS", Integer.toString(settings.partitions()))
            .withEnvironment("RETAIL_COMMIT_EVERY", settings.commitEvery().toMillis() + "ms");
    for (Map.Entry<String, String> variable : settings.environment().entrySet()) {
      stackSettings = stackSettings.withEnvironment(variable.getKey(), variable.getValue());
    }
    List<String> processes = new ArrayList<>(SERVICES);
    processes.addAll(INFRASTRUCTURE);
    for (String process : processes) {
      List<String> options =
          new ArrayList<>(settings.jvmOptions().getOrDefault(process, List.of()));
      if (settings.profile()) {
        options.addAll(List.of(HotMethods.options(directory, process)));
      }
      stackSettings = stackSettings.withJvmOptions(process, options.toArray(String[]::new));
    }
    return stackSettings;
  }

  private Path pipelineFile() throws IOException {
    if (!settings.pipelineFile().toString().isEmpty()) {
      return settings.pipelineFile();
    }
    return Directories.copyResource("retail.yaml", directory);
  }

  /** Database, broker and registry, and the workload's empty tables. */
  void startInfrastructure() {
    stack.startInfrastructure();
    try {
      load(SourceLoad.Commit.DURABLE).createTables();
    } catch (SQLException e) {
      throw new BenchmarkException("the source's tables cannot be created: " + e, e);
    }
  }

  /** Starts the services; an initial snapshot may take longer than a stack waits by itself. */
  void startServices() throws InterruptedException {
    stack.launchServices();
    long deadline = System.nanoTime() + settings.timeout().toNanos();
    for (String service : SERVICES) {
      while (!stack.ready(service)) {
        String died = deaths.peek();
        if (died != null) {
          throw new BenchmarkException(died);
        }
        if (System.nanoTime() > deadline) {
          throw new BenchmarkException(
              "%s did not get ready within %s; its log: %s"
                  .formatted(service, settings.timeout(), stack.log(service)));
        }
        Thread.sleep(READY_POLL);
      }
    }
  }

  LocalStack stack() {
    return stack;
  }

  /** Writes into the source. */
  SourceLoad load(SourceLoad.Commit commit) {
    return new SourceLoad(stack.source().url(), commit);
  }

  /** The lake, watched from now on. */
  RetailLake watchLake() {
    return new RetailLake(
        stack.pipeline(),
        Objects.requireNonNull(stack.environment().get("LAKE_CATALOG_URI")),
        stack.source().url(),
        settings.timeout(),
        () -> Optional.ofNullable(deaths.peek()),
        out);
  }

  /** What is to be measured of the processes that run, and of this one. */
  List<CostMeter.Watched> processes() {
    List<CostMeter.Watched> watched = new ArrayList<>();
    for (String process : SERVICES) {
      watch(watched, process, Part.PIPELINE);
    }
    for (String process : INFRASTRUCTURE) {
      watch(watched, process, Part.PIPELINE);
    }
    watch(watched, DATABASE, Part.DATABASE);
    watched.add(new CostMeter.Watched("benchmark", ProcessHandle.current().pid(), Part.GENERATOR));
    return watched;
  }

  private void watch(List<CostMeter.Watched> watched, String process, Part part) {
    stack.pid(process).ifPresent(pid -> watched.add(new CostMeter.Watched(process, pid, part)));
  }

  /** Prints where the CPU time went, of a stack that is closed. */
  void printProfile(Instant from, Instant to) {
    if (!settings.profile()) {
      return;
    }
    List<String> processes = new ArrayList<>(SERVICES);
    processes.add("kafka");
    for (String process : processes) {
      try {
        HotMethods.read(HotMethods.recording(directory, process), from, to)
            .print(process, TOP, out);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read the recording of " + process, e);
      }
    }
  }

  @Override
  public void close() {
    stack.close();
  }
}

package io.millrace.benchmarks.sink;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.DatasetOptions;
import io.millrace.benchmarks.RepositoryRoot;
import io.millrace.benchmarks.measure.HotMethods;
import io.millrace.benchmarks.measure.Machine;
import io.millrace.benchmarks.measure.ReportFile;
import io.millrace.benchmarks.measure.Versions;
import io.millrace.benchmarks.workload.RetailWorkload;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sink}. */
@Command(
    name = "sink",
    mixinStandardHelpOptions = true,
    description = {
      "The sink beside a bare loop that consumes the same topic and writes the same Parquet"
          + " tables,",
      "without anything that makes it exact. The bare loop runs before and after."
    })
public final class SinkCommand implements Callable<Integer> {
  private final PrintStream out;
  private final Clock clock;

  @Mixin private DatasetOptions data = new DatasetOptions();

  @Option(
      names = "--events",
      defaultValue = "5000000",
      description = "In the topic (default: ${DEFAULT-VALUE}).")
  private long events = 5_000_000;

  @Option(
      names = "--partitions",
      defaultValue = "1",
      description =
          "Of the topic; the bare loop has a thread for each (default: ${DEFAULT-VALUE}).")
  private int partitions = 1;

  @Option(
      names = "--profile",
      description = "Record where the sink's CPU time goes (Flight Recorder) and print it.")
  private boolean profile;

  @Option(
      names = "--out",
      defaultValue = ".millrace/benchmarks/sink.json",
      paramLabel = "FILE",
      description = "Where the figures go as JSON (default: ${DEFAULT-VALUE}).")
  private Path report = Path.of("");

  /** A command that prints to {@code out}. */
  public SinkCommand(PrintStream out, Clock clock) {
    this.out = out;
    this.clock = clock;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Instant date = clock.instant();
    RetailWorkload workload = RetailWorkload.read(data.dataset(), data.months(), data.seed());
    Path directory = RepositoryRoot.resolve(Path.of(".millrace/benchmarks/sink"));
    List<SinkFigures.Run> bare = new ArrayList<>();
    SinkFigures.Run sink;
    long written;
    try (SinkBench bench = new SinkBench(directory, partitions, profile, out)) {
      written = bench.fill(workload, events);
      bare.add(bench.bareLoop("bare1", written));
      sink = bench.sink(written);
      bare.add(bench.bareLoop("bare2", written));
    }
    SinkFigures figures =
        new SinkFigures(
            "sink",
            date.toString(),
            Machine.here(),
            Versions.here(),
            written,
            partitions,
            List.of(bare.getFirst(), sink, bare.getLast()),
            SinkFigures.ratio(bare, sink),
            SinkFigures.cpuRatio(bare, sink));
    figures.print(out);
    if (profile) {
      HotMethods.read(SinkBench.recording(directory), Instant.EPOCH, Instant.MAX)
          .print("sink-service", 20, out);
    }
    Path file = RepositoryRoot.resolve(report);
    ReportFile.write(figures, file);
    out.printf("%nwritten to %s%n", file);
    if (figures.ratio() == 0) {
      throw new BenchmarkException("there is no ratio");
    }
    return 0;
  }
}

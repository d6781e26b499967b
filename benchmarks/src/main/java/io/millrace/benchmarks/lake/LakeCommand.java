package io.millrace.benchmarks.lake;

import io.millrace.benchmarks.RepositoryRoot;
import io.millrace.benchmarks.measure.Machine;
import io.millrace.benchmarks.measure.ReportFile;
import io.millrace.benchmarks.measure.Versions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lake}. */
@Command(
    name = "lake",
    mixinStandardHelpOptions = true,
    description = {
      "What upserts cost the sink, and a table's readers: with deletion vectors (format 3), with",
      "equality deletes (format 2), and beside the same tables freshly compacted."
    })
public final class LakeCommand implements Callable<Integer> {
  private static final Map<Integer, String> FORMATS =
      new TreeMap<>(Map.of(2, "equality deletes (format 2)", 3, "deletion vectors (format 3)"));

  private final PrintStream out;
  private final Clock clock;

  @Option(
      names = "--rows",
      defaultValue = "1000000",
      description = "Upserts (default: ${DEFAULT-VALUE}).")
  private long rows = 1_000_000;

  @Option(
      names = "--keys",
      defaultValue = "100000",
      description = "Different keys (default: ${DEFAULT-VALUE}).")
  private int keys = 100_000;

  @Option(
      names = "--per-second",
      defaultValue = "10000",
      description = "Upserts in a second (default: ${DEFAULT-VALUE}).")
  private int perSecond = 10_000;

  @Option(
      names = "--commit-every-millis",
      defaultValue = "500",
      description = "Between commits: with the defaults, 200 of them (default: ${DEFAULT-VALUE}).")
  private int commitMillis = 500;

  @Option(
      names = "--seed",
      defaultValue = "42",
      description = "Of the keys (default: ${DEFAULT-VALUE}).")
  private long seed = 42;

  @Option(
      names = "--out",
      defaultValue = ".millrace/benchmarks/lake.json",
      paramLabel = "FILE",
      description = "Where the figures go as JSON (default: ${DEFAULT-VALUE}).")
  private Path report = Path.of("");

  /** A command that prints to {@code out}. */
  public LakeCommand(PrintStream out, Clock clock) {
    this.out = out;
    this.clock = clock;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Instant date = clock.instant();
    List<LakeFigures.Run> runs = new ArrayList<>();
    for (Map.Entry<Integer, String> format : FORMATS.entrySet()) {
      Path directory =
          RepositoryRoot.resolve(Path.of(".millrace/benchmarks/lake-" + format.getKey()));
      Duration commitEvery = Duration.ofMillis(commitMillis);
      try (LakeBench bench = new LakeBench(directory, format.getKey(), commitEvery, out)) {
        runs.add(bench.run(format.getValue(), rows, keys, perSecond, seed));
      }
    }
    LakeFigures figures =
        new LakeFigures("lake", date.toString(), Machine.here(), Versions.here(), rows, keys, runs);
    figures.print(out);
    Path file = RepositoryRoot.resolve(report);
    ReportFile.write(figures, file);
    out.printf("%nwritten to %s%n", file);
    return 0;
  }
}

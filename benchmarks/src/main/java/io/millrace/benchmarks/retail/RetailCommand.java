package io.millrace.benchmarks.retail;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.DatasetOptions;
import io.millrace.benchmarks.RepositoryRoot;
import io.millrace.benchmarks.measure.Machine;
import io.millrace.benchmarks.measure.ReportFile;
import io.millrace.benchmarks.measure.Versions;
import io.millrace.local.StackException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code retail}. */
@Command(
    name = "retail",
    mixinStandardHelpOptions = true,
    description = {
      "The whole pipeline on seven months of a retailer, from PostgreSQL into Iceberg.",
      "Each phase runs on a fresh stack and ends when every lake table equals its SQL on the"
          + " source."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:all phases were measured", "1:one could not be", "2:wrong command line"})
public final class RetailCommand implements Callable<Integer> {
  /** The phases. */
  enum Phase {
    /** All rows there before the services start. */
    BACKFILL,
    /** The first month as snapshot, the rest flat out. */
    STREAM,
    /** Steady rates. */
    FRESHNESS
  }

  private final PrintStream out;
  private final Clock clock;

  @Mixin private DatasetOptions data = new DatasetOptions();

  @Option(
      names = "--phases",
      split = ",",
      defaultValue = "backfill,stream,freshness",
      description = "What to run of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private List<Phase> phases = List.of(Phase.values());

  @Option(
      names = "--rates",
      split = ",",
      defaultValue = "1000,5000",
      description = "Changes a second at which freshness is measured (default: ${DEFAULT-VALUE}).")
  private List<Integer> rates = List.of(1_000, 5_000);

  @Option(
      names = "--seconds",
      defaultValue = "60",
      description = "Measured at each rate (default: ${DEFAULT-VALUE}).")
  private int seconds = 60;

  @Option(
      names = "--warm-up",
      defaultValue = "15",
      description = "Seconds at each rate before that (default: ${DEFAULT-VALUE}).")
  private int warmUp = 15;

  @Option(
      names = "--moments",
      defaultValue = "10",
      description =
          "Of that time, at which the lake is looked at for order lines without their order"
              + " (default: ${DEFAULT-VALUE}).")
  private int moments = 10;

  @Option(
      names = "--commit-every",
      defaultValue = "2",
      description = "Seconds between the lake's commits (default: ${DEFAULT-VALUE}).")
  private double commitEvery = 2;

  @Option(
      names = "--partitions",
      defaultValue = "2",
      description = "Of every topic (default: ${DEFAULT-VALUE}).")
  private int partitions = 2;

  @Option(
      names = "--timeout",
      defaultValue = "1200",
      description = "Seconds to wait for the lake to catch up (default: ${DEFAULT-VALUE}).")
  private int timeout = 1_200;

  @Option(
      names = "--pipeline",
      defaultValue = "",
      paramLabel = "FILE",
      description = "A pipeline file instead of the workload's own, for experiments.")
  private Path pipeline = Path.of("");

  @Option(
      names = "--env",
      paramLabel = "NAME=VALUE",
      description = "A further environment variable of the services.")
  private Map<String, String> environment = new LinkedHashMap<>();

  @Option(
      names = "--jvm",
      paramLabel = "PROCESS=OPTIONS",
      description = "Further JVM options of a process, as --jvm 'sink-service=-Xmx512m -Xint'.")
  private Map<String, String> jvm = new LinkedHashMap<>();

  @Option(
      names = "--profile",
      description = "Record where the CPU time goes (Flight Recorder) and print it.")
  private boolean profile;

  @Option(
      names = "--work-dir",
      defaultValue = ".millrace/benchmarks",
      paramLabel = "DIR",
      description = "Where stacks keep data, logs and recordings (default: ${DEFAULT-VALUE}).")
  private Path workDirectory = Path.of(".millrace/benchmarks");

  @Option(
      names = "--out",
      defaultValue = ".millrace/benchmarks/retail.json",
      paramLabel = "FILE",
      description = "Where the figures go as JSON (default: ${DEFAULT-VALUE}).")
  private Path report = Path.of("");

  /** A command that prints to {@code out}. */
  public RetailCommand(PrintStream out, Clock clock) {
    this.out = out;
    this.clock = clock;
  }

  @Override
  public Integer call() throws InterruptedException {
    Instant date = clock.instant();
    RetailSettings settings = settings();
    RetailRun run = new RetailRun(settings, out);
    List<Figures> figures = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    Set<Phase> asked = EnumSet.copyOf(phases);
    for (Phase phase : asked) {
      try {
        figures.addAll(measure(run, phase));
      } catch (BenchmarkException | StackException e) {
        out.println("  " + e.getMessage());
        failures.add(phase + ": " + e.getMessage());
      }
    }
    RetailReport result =
        new RetailReport(
            "retail",
            date.toString(),
            Machine.here(),
            Versions.here(),
            RetailReport.Settings.of(settings),
            figures,
            failures);
    result.print(out);
    Path file = RepositoryRoot.resolve(report);
    ReportFile.write(result, file);
    out.printf("%nwritten to %s%n", file);
    return failures.isEmpty() ? 0 : 1;
  }

  private static List<? extends Figures> measure(RetailRun run, Phase phase)
      throws InterruptedException {
    return switch (phase) {
      case BACKFILL -> List.of(run.backfill());
      case STREAM -> List.of(run.stream());
      case FRESHNESS -> run.freshness();
    };
  }

  private RetailSettings settings() {
    return new RetailSettings(
        data.dataset(),
        data.months(),
        data.copies(),
        data.seed(),
        data.connections(),
        Duration.ofMillis(Math.round(commitEvery * 1000)),
        partitions,
        rates,
        Duration.ofSeconds(warmUp),
        Duration.ofSeconds(seconds),
        moments,
        Duration.ofSeconds(timeout),
        RepositoryRoot.resolve(workDirectory),
        pipeline,
        environment,
        jvm.entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey, option -> Arrays.asList(option.getValue().split(" ", -1)))),
        profile);
  }
}

package io.millrace.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Starts a PostgreSQL with a shop, Kafka, a schema registry and the four services; lets the"
          + " shop live for a while; waits until the lake has caught up; compares every lake table"
          + " with SQL on the source; stops everything."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:every lake table equals the source",
      "1:one does not, or something failed",
      "130:interrupted by Ctrl-C, everything stopped"
    })
final class DemoCommand implements Callable<Integer> {
  private static final int SIMULATED_SECONDS = 60;
  private static final double SIMULATED_RATE = 500;
  private static final double REPLAYED_RATE = 5_000;

  private final Terminal terminal;
  @Mixin private WorkDirectory work = new WorkDirectory();
  @Mixin private LakeOption lake = new LakeOption();

  @Option(
      names = "--dataset",
      paramLabel = "DIR",
      description = {
        "Replay the CSV files of the Online Retail data set in this directory as the transactions"
            + " that they record, instead of simulating a shop."
      })
  private @Nullable Path dataset;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long the shop lives (default: 60; a data set is replayed to its end).")
  private @Nullable Integer seconds;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Changes a second, 0 for flat out (default: 500; of a data set 5000).")
  private @Nullable Double rate;

  DemoCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (dataset != null && !Files.isDirectory(dataset)) {
      throw new StackException("there is no directory " + dataset.toAbsolutePath());
    }
    return new Demo(terminal, work, settings()).run() ? 0 : Millrace.FAILED;
  }

  private Demo.Settings settings() {
    Integer limit = seconds != null ? seconds : dataset == null ? SIMULATED_SECONDS : null;
    double changesPerSecond =
        rate != null ? rate : dataset == null ? SIMULATED_RATE : REPLAYED_RATE;
    return new Demo.Settings(
        dataset, limit == null ? null : Duration.ofSeconds(limit), changesPerSecond, lake.place());
  }
}

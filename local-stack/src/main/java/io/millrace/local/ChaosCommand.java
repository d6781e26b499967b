package io.millrace.local;

import io.millrace.local.chaos.Chaos;
import io.millrace.local.lake.TableComparison;
import io.millrace.local.lake.TextTable;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace chaos}. */
@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    description = {
      "Runs a random load on a random database through a random pipeline, and meanwhile kills,"
          + " freezes, restarts and doubles its processes, cuts them off from each other and fills"
          + " their disks (as root, who may mount some). In the end compares every lake table with"
          + " SQL on the source, and the changes in the lake with those that the database"
          + " committed."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:every lake table equals the source, and no change is lost or repeated",
      "1:something is lost, repeated, different or left over, or the stack did not recover"
    })
final class ChaosCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private WorkDirectory work = new WorkDirectory();
  @Mixin private LakeOption lake = new LakeOption();

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "5",
      description = "How long the faults last (default: ${DEFAULT-VALUE}).")
  private double minutes = 5;

  @Option(
      names = "--each-kind",
      description = "Let each kind of fault come once, shortly, instead of --minutes of them.")
  private boolean eachKind;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description =
          "Of the schema, the views, the load and the faults (default: another one each time).")
  private @Nullable Long seed;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "300",
      description = "Changes a second, about (default: ${DEFAULT-VALUE}).")
  private double changesPerSecond = 300;

  @Option(
      names = "--bulk-rows",
      paramLabel = "N",
      defaultValue = "100000",
      description =
          "Rows that a transaction now and then changes all at once (default: ${DEFAULT-VALUE}).")
  private int bulkRows = 100_000;

  @Option(
      names = "--patience",
      paramLabel = "N",
      defaultValue = "10",
      description =
          "Minutes that the lake may take to catch up in the end (default: ${DEFAULT-VALUE}).")
  private double patience = 10;

  ChaosCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException, SQLException {
    long start = System.nanoTime();
    long chosen = seed != null ? seed : ThreadLocalRandom.current().nextLong(1_000_000);
    work.claim(terminal);
    Chaos.release(work.path());
    work.clear(Chaos.RUN);
    terminal.line("seed " + chosen);
    Chaos.Outcome outcome =
        new Chaos(
                new Chaos.Settings(
                    chosen,
                    eachKind ? null : minutes(minutes),
                    changesPerSecond,
                    bulkRows,
                    minutes(patience),
                    lake.place()),
                work.path(),
                line ->
                    terminal.line(
                        "%5d s %s".formatted((System.nanoTime() - start) / 1_000_000_000, line)))
            .run();
    print(outcome);
    terminal.line("");
    terminal.line(
        outcome.kept()
            ? "the promise was kept; seed " + chosen
            : "THE PROMISE WAS BROKEN; seed %d; data and logs are in %s"
                .formatted(chosen, work.run(Chaos.RUN)));
    if (outcome.kept()) {
      work.clearData(Chaos.RUN);
    }
    return outcome.kept() ? 0 : Millrace.FAILED;
  }

  private static Duration minutes(double minutes) {
    return Duration.ofMillis((long) (minutes * 60_000));
  }

  private void print(Chaos.Outcome outcome) {
    terminal.line("");
    TextTable tables = new TextTable(List.of("table", "rows in source", "rows in lake", "equal"));
    for (TableComparison comparison : outcome.comparisons()) {
      tables.add(
          List.of(
              comparison.table(),
              comparison.sourceRows(),
              comparison.lakeRows(),
              comparison.equal() ? "yes" : "NO"));
    }
    tables.print(terminal.out());
    ReconcileCommand.printDifferences(outcome.comparisons(), terminal);
    outcome.problems().forEach(terminal::line);
    terminal.line("");
    TextTable faults = new TextTable(List.of("what happened", "times"));
    outcome.faults().forEach((fault, times) -> faults.add(List.of(fault, times)));
    faults.print(terminal.out());
    terminal.line("");
    terminal.line(
        "%,d files of transactions that were broken off were removed from the warehouse (%,d KiB)"
            .formatted(outcome.remains().files(), outcome.remains().bytes() / 1024));
    terminal.line(
        "%,d changes in %,d transactions; %,d were rolled back"
            .formatted(outcome.changes(), outcome.transactions(), outcome.rolledBack()));
  }
}

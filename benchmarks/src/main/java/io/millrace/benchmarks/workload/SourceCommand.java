package io.millrace.benchmarks.workload;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.DatasetOptions;
import io.millrace.benchmarks.Directories;
import io.millrace.benchmarks.RepositoryRoot;
import io.millrace.local.LocalStack;
import io.millrace.local.StackSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code source}. */
@Command(
    name = "source",
    mixinStandardHelpOptions = true,
    description = "How fast the workload goes into the source alone: the bound of all else.")
public final class SourceCommand implements Callable<Integer> {
  private final PrintStream out;

  @Mixin private DatasetOptions data = new DatasetOptions();

  @Option(names = "--durable", description = "Let each commit wait for the disk.")
  private boolean durable;

  @Option(
      names = "--rate",
      defaultValue = "0",
      description = "Changes a second; 0 for as many as can be (default: ${DEFAULT-VALUE}).")
  private int rate;

  /** A command that prints to {@code out}. */
  public SourceCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() throws IOException {
    RetailWorkload workload = RetailWorkload.read(data.dataset(), data.months(), data.seed());
    Path directory = scratch();
    try (LocalStack stack =
        new LocalStack(new StackSettings(directory, directory.resolve("none.yaml")))) {
      stack.startInfrastructure();
      SourceLoad load =
          new SourceLoad(
              stack.source().url(),
              durable ? SourceLoad.Commit.DURABLE : SourceLoad.Commit.ASYNCHRONOUS);
      load.createTables();
      SourceLoad.Loaded loaded =
          load.run(
              IntStream.range(0, data.copies()).mapToObj(workload::copy).toList(),
              data.connections(),
              rate == 0 ? Pace.flatOut() : Pace.of(rate));
      out.printf(
          "%,d changes in %,d transactions in %.1f s: %,.0f changes/s, %,.0f transactions/s%n",
          loaded.changes(),
          loaded.transactions(),
          loaded.elapsed().toMillis() / 1e3,
          loaded.rate(),
          loaded.transactions() / (loaded.elapsed().toNanos() / 1e9));
    } catch (SQLException e) {
      throw new BenchmarkException("the source's tables cannot be created: " + e, e);
    } finally {
      Directories.delete(directory);
    }
    return 0;
  }

  private static Path scratch() throws IOException {
    Path root = RepositoryRoot.resolve(Path.of(".millrace/benchmarks"));
    Files.createDirectories(root);
    return Files.createTempDirectory(root, "source-");
  }
}

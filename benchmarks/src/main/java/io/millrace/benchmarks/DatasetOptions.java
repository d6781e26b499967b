package io.millrace.benchmarks;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which part of the workload's data. */
public final class DatasetOptions {
  @Option(
      names = "--dataset",
      defaultValue = "../shared/data/online-retail",
      paramLabel = "DIR",
      description =
          "Directory of the Online Retail files, from the repository's root (default:"
              + " ${DEFAULT-VALUE}).")
  private Path dataset = Path.of("../shared/data/online-retail");

  @Option(
      names = "--months",
      defaultValue = "7",
      description = "How many months, from the first (default: ${DEFAULT-VALUE}).")
  private int months = 7;

  @Option(
      names = "--copies",
      defaultValue = "5",
      description = "Copies of the orders under other ids (default: ${DEFAULT-VALUE}).")
  private int copies = 5;

  @Option(
      names = "--seed",
      defaultValue = "42",
      description = "Of what changes later (default: ${DEFAULT-VALUE}).")
  private long seed = 42;

  @Option(
      names = "--connections",
      defaultValue = "4",
      description = "That write into the source side by side (default: ${DEFAULT-VALUE}).")
  private int connections = 4;

  /** Directory of the files. */
  public Path dataset() {
    return RepositoryRoot.resolve(dataset);
  }

  /** How many months. */
  public int months() {
    return months;
  }

  /** How many copies. */
  public int copies() {
    return copies;
  }

  /** Of what changes later. */
  public long seed() {
    return seed;
  }

  /** How many connections write. */
  public int connections() {
    return connections;
  }
}

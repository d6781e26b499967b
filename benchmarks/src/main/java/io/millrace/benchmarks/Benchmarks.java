package io.millrace.benchmarks;

import io.millrace.benchmarks.lake.LakeCommand;
import io.millrace.benchmarks.retail.RetailCommand;
import io.millrace.benchmarks.sink.BareLoop;
import io.millrace.benchmarks.sink.SinkCommand;
import io.millrace.benchmarks.workload.SourceCommand;
import io.millrace.local.StackException;
import java.io.PrintStream;
import java.time.Clock;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The benchmarks' command: {@code benchmarks/run}. */
@Command(
    name = "benchmarks/run",
    mixinStandardHelpOptions = true,
    description = "Measures Millrace on this machine; benchmarks/README.md says what and how.")
public final class Benchmarks implements Runnable {
  private static final int FAILED = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  private Benchmarks() {}

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say what to measure");
  }

  /** Runs a benchmark and ends the JVM with its status. */
  public static void main(String[] args) {
    System.exit(commandLine(System.out).execute(args));
  }

  static CommandLine commandLine(PrintStream out) {
    return new CommandLine(new Benchmarks())
        .addSubcommand(new RetailCommand(out, Clock.systemUTC()))
        .addSubcommand(new SourceCommand(out))
        .addSubcommand(new SinkCommand(out, Clock.systemUTC()))
        .addSubcommand(new LakeCommand(out, Clock.systemUTC()))
        .addSubcommand(new BareLoop())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(Benchmarks::failed);
  }

  private static int failed(Exception failure, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (failure instanceof BenchmarkException || failure instanceof StackException) {
      command.getErr().println(failure.getMessage());
      return FAILED;
    }
    throw failure;
  }
}

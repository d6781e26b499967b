package io.millrace.local;

import io.millrace.pipeline.PipelineFileException;
import io.millrace.runtime.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code millrace} command. */
@Command(
    name = "millrace",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Keeps an Apache Iceberg lakehouse true to an operational database, in seconds.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:it worked, and what was compared is equal",
      "1:it failed, or something differs",
      "2:the command line or the pipeline file is wrong",
      "130:interrupted by Ctrl-C, everything stopped"
    })
public final class Millrace implements Runnable {
  static final int FAILED = 1;
  static final int WRONG_INPUT = 2;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "On a failure, show the stack trace too.")
  private boolean stackTrace;

  private Millrace() {}

  /** Runs the command and ends the JVM with its exit status. */
  public static void main(String[] args) {
    System.exit(commandLine(Terminal.system()).execute(args));
  }

  static CommandLine commandLine(Terminal terminal) {
    Millrace root = new Millrace();
    CommandLine line =
        new CommandLine(root)
            .addSubcommand(new DemoCommand(terminal))
            .addSubcommand(new UpCommand(terminal))
            .addSubcommand(new StatusCommand(terminal))
            .addSubcommand(new DownCommand(terminal))
            .addSubcommand(new QueryCommand(terminal))
            .addSubcommand(new ReconcileCommand(terminal))
            .addSubcommand(DeadLettersCommand.commandLine(terminal))
            .addSubcommand(SnapshotsCommand.commandLine(terminal))
            .addSubcommand(LakeCommand.commandLine(terminal))
            .addSubcommand(new ShopCommand(terminal))
            .addSubcommand(new AclsCommand(terminal))
            .addSubcommand(new ChaosCommand(terminal));
    line.getCommandSpec().version("millrace " + Version.current());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler((failure, command, parsed) -> root.report(failure, terminal));
    return line;
  }

  /** Without a subcommand there is nothing to do. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say which command to run.");
  }

  private int report(Exception failure, Terminal terminal) {
    int status = FAILED;
    switch (failure) {
      case PipelineFileException wrong -> {
        wrong.errors().forEach(error -> terminal.error(error.toString()));
        status = WRONG_INPUT;
      }
      case StackException known -> terminal.error(String.valueOf(known.getMessage()));
      default -> terminal.error(failure + " (this is a bug; --stacktrace shows where)");
    }
    if (stackTrace) {
      terminal.stackTrace(failure);
    }
    return status;
  }
}

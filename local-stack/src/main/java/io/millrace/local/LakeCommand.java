package io.millrace.local;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace lake}. */
@Command(
    name = "lake",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Looks after lake tables, also while the sink writes to them.")
final class LakeCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  static CommandLine commandLine(Terminal terminal) {
    return new CommandLine(new LakeCommand())
        .addSubcommand(new InspectLakeCommand(terminal))
        .addSubcommand(new CompactLakeCommand(terminal))
        .addSubcommand(new ExpireLakeCommand(terminal))
        .addSubcommand(new OrphansLakeCommand(terminal))
        .addSubcommand(new FreshnessLakeCommand(terminal))
        .addSubcommand(new WaitForLakeCommand(terminal));
  }

  /** Without a subcommand there is nothing to do. */
  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Say what to do: inspect, compact, expire, orphans, freshness or wait-for.");
  }
}

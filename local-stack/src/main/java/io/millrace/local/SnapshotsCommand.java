package io.millrace.local;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace snapshots}. */
@Command(
    name = "snapshots",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Reads tables of the source again while their changes go on.")
final class SnapshotsCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  static CommandLine commandLine(Terminal terminal) {
    return new CommandLine(new SnapshotsCommand())
        .addSubcommand(new ListSnapshotsCommand(terminal))
        .addSubcommand(new StartSnapshotCommand(terminal))
        .addSubcommand(
            "pause",
            ChangeSnapshotCommand.commandLine(
                terminal, "pause", "Lets a snapshot wait where it is, also over restarts."))
        .addSubcommand(
            "resume",
            ChangeSnapshotCommand.commandLine(
                terminal, "resume", "Lets a snapshot go on where it was paused."))
        .addSubcommand(
            "stop",
            ChangeSnapshotCommand.commandLine(
                terminal, "stop", "Ends a snapshot. What it has written is true and stays."));
  }

  /** Without a subcommand there is nothing to do. */
  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Say what to do: list, start, pause, resume or stop.");
  }
}

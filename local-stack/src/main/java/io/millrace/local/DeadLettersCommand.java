package io.millrace.local;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace dead-letters}. */
@Command(
    name = "dead-letters",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Lists, shows and replays the records that a stage could not use.")
final class DeadLettersCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  static CommandLine commandLine(Terminal terminal) {
    return new CommandLine(new DeadLettersCommand())
        .addSubcommand(new ListLettersCommand(terminal))
        .addSubcommand(new ShowLetterCommand(terminal))
        .addSubcommand(new ReplayLettersCommand(terminal));
  }

  /** Without a subcommand there is nothing to do. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say what to do: list, show or replay.");
  }
}

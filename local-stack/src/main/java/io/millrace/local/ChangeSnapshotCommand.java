package io.millrace.local;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code millrace snapshots pause}, {@code resume} and {@code stop}. */
@Command(
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:the connector has done it", "1:it has not"})
final class ChangeSnapshotCommand implements Callable<Integer> {
  private final Terminal terminal;
  private final String verb;
  @Mixin private ConnectorOption connector = new ConnectorOption();

  @Parameters(paramLabel = "ID", description = "As start and list name it.")
  private String id = "";

  private ChangeSnapshotCommand(Terminal terminal, String verb) {
    this.terminal = terminal;
    this.verb = verb;
  }

  static CommandLine commandLine(Terminal terminal, String verb, String description) {
    CommandLine line = new CommandLine(new ChangeSnapshotCommand(terminal, verb));
    line.getCommandSpec().name(verb).usageMessage().description(description);
    return line;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (!id.matches("[A-Za-z0-9_-]+")) {
      throw new StackException("'%s' is no snapshot's id; list shows them".formatted(id));
    }
    try (ConnectorClient client = connector.client()) {
      terminal.line(client.post("/snapshots/%s/%s".formatted(id, verb), "").path("state").asText());
    }
    return 0;
  }
}

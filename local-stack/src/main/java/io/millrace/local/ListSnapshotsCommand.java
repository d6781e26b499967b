package io.millrace.local;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.local.lake.TextTable;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace snapshots list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists snapshots of single tables, also those that are over.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:it worked", "1:it failed"})
final class ListSnapshotsCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private ConnectorOption connector = new ConnectorOption();

  @Option(names = "--json", description = "Print JSON, one object a line.")
  private boolean json;

  ListSnapshotsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    JsonNode snapshots;
    try (ConnectorClient client = connector.client()) {
      snapshots = client.get("/snapshots").path("snapshots");
    }
    if (json) {
      snapshots.forEach(snapshot -> terminal.line(snapshot.toString()));
    } else if (snapshots.isEmpty()) {
      terminal.line("no snapshots");
    } else {
      TextTable table =
          new TextTable(
              List.of("id", "table", "state", "rows", "of about", "started at", "condition"));
      for (JsonNode snapshot : snapshots) {
        table.add(
            List.of(
                snapshot.path("id").asText(),
                snapshot.path("table").asText(),
                snapshot.path("state").asText(),
                snapshot.path("rows").asLong(),
                snapshot.path("estimated_rows").asLong(),
                snapshot.path("started_at").asText(),
                snapshot.path("condition").asText()));
      }
      table.print(terminal.out());
      for (JsonNode snapshot : snapshots) {
        if (snapshot.has("failure")) {
          terminal.line(snapshot.path("id").asText() + ": " + snapshot.path("failure").asText());
        }
      }
    }
    return 0;
  }
}

package io.millrace.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace snapshots start}. */
@Command(
    name = "start",
    mixinStandardHelpOptions = true,
    description = {
      "Reads tables again while their changes go on, and prints the snapshot's id.",
      "At the end their topics and lake tables are what they are. With --where, rows that meet the"
          + " condition are written again, and none is deleted."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:the connector has taken it on", "1:it has not"})
final class StartSnapshotCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private ConnectorOption connector = new ConnectorOption();

  @Option(
      names = "--table",
      required = true,
      paramLabel = "NAME",
      description = "A table by its name in the pipeline; again for more.")
  private List<String> tables = List.of();

  @Option(
      names = "--where",
      paramLabel = "SQL",
      description = "Only its rows that meet this condition, in the source's SQL.")
  private @Nullable String condition;

  StartSnapshotCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    ObjectNode wanted = new ObjectMapper().createObjectNode();
    ArrayNode names = wanted.putArray("tables");
    tables.forEach(names::add);
    if (condition != null) {
      wanted.put("condition", condition);
    }
    try (ConnectorClient client = connector.client()) {
      terminal.line(client.post("/snapshots", wanted.toString()).path("id").asText());
    }
    return 0;
  }
}

package io.millrace.local;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The options that say which cdc-connector to ask: those of the stack that runs here, or any by
 * their addresses.
 */
final class ConnectorOption {
  @Mixin private WorkDirectory work = new WorkDirectory();

  @Option(
      names = "--connector",
      paramLabel = "URL",
      description =
          "Address of a cdc-connector, like http://localhost:8080; again for each replica. Without"
              + " it: the stack that runs here.")
  private List<URI> addresses = List.of();

  @Option(
      names = "--source",
      paramLabel = "NAME",
      description = "Which source's connector, of a pipeline that names several.")
  private String source = "";

  ConnectorClient client() {
    List<URI> connectors = addresses.isEmpty() ? ofStack() : addresses;
    String token = System.getenv(ConnectorClient.TOKEN);
    if (token == null || token.isBlank()) {
      throw new StackException(
          "set %s to the token that the services were started with (that of millrace up, which"
                  .formatted(ConnectorClient.TOKEN)
              + " hands it on)");
    }
    return new ConnectorClient(connectors, token);
  }

  private List<URI> ofStack() {
    Map<String, List<URI>> bySource = new TreeMap<>();
    work.running()
        .addresses()
        .forEach(
            (process, address) ->
                Member.find(process)
                    .filter(member -> member.component() == Component.CDC_CONNECTOR)
                    .ifPresent(
                        member ->
                            bySource
                                .computeIfAbsent(member.source(), any -> new ArrayList<>())
                                .add(URI.create(address))));
    if (source.isEmpty() && bySource.size() == 1) {
      return bySource.values().iterator().next();
    }
    List<URI> connectors = bySource.get(source);
    if (connectors == null) {
      throw new StackException(
          "say which source's connector to ask, by --source: there are %s"
              .formatted(String.join(", ", bySource.keySet())));
    }
    return connectors;
  }
}

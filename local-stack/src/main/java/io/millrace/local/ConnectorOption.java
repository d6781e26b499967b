package io.millrace.local;

import java.net.URI;
import java.util.List;
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
    return work.running().addresses().entrySet().stream()
        .filter(process -> process.getKey().startsWith(Component.CDC_CONNECTOR.id()))
        .map(process -> URI.create(process.getValue()))
        .toList();
  }
}

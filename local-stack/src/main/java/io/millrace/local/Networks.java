package io.millrace.local;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The cables between each service and what it talks to, each a {@link TcpProxy}, so that one can be
 * cut and the others not. The broker has a listener for each service, advertised at that service's
 * proxy: a client would leave its proxy otherwise.
 */
final class Networks implements AutoCloseable {
  private record Link(Member service, Component to) {}

  private final Map<Link, TcpProxy> proxies = new LinkedHashMap<>();
  private final Map<Member, Integer> brokerPorts = new LinkedHashMap<>();

  /** Cables of every service, all whole. */
  static Networks of(Ports ports) {
    Networks networks = new Networks();
    for (Member member : Member.values()) {
      if (member.isService()) {
        networks.connect(member, ports);
      }
    }
    return networks;
  }

  /** No cables: services talk directly. */
  static Networks none() {
    return new Networks();
  }

  private void connect(Member service, Ports ports) {
    for (Component to : ends(service)) {
      int target = to == Component.KAFKA ? ports.ofBrokerFor(service) : ports.of(to);
      proxies.put(new Link(service, to), new TcpProxy(target));
    }
    brokerPorts.put(service, ports.ofBrokerFor(service));
  }

  private static Set<Component> ends(Member service) {
    Set<Component> ends = EnumSet.of(Component.KAFKA, Component.REGISTRY);
    if (EnumSet.of(Component.CDC_CONNECTOR, Component.SINK_SERVICE).contains(service.component())) {
      ends.add(Component.POSTGRES);
    }
    return ends;
  }

  /** The broker's listeners for single services. */
  List<BrokerSettings.Listener> brokerListeners() {
    List<BrokerSettings.Listener> listeners = new ArrayList<>();
    brokerPorts.forEach(
        (service, port) ->
            listeners.add(
                new BrokerSettings.Listener(
                    port, proxy(new Link(service, Component.KAFKA)).port())));
    return listeners;
  }

  /** What a service finds in its environment, instead of the addresses that others use. */
  Map<String, String> environment(Member service) {
    Map<String, String> environment = new HashMap<>();
    proxies.forEach(
        (link, proxy) -> {
          if (link.service().equals(service)) {
            environment.putAll(variables(link, proxy.port()));
          }
        });
    return environment;
  }

  private static Map<String, String> variables(Link link, int port) {
    return switch (link.to()) {
      case KAFKA -> Map.of("KAFKA_BOOTSTRAP_SERVERS", Addresses.broker(port));
      case REGISTRY -> Map.of("SCHEMA_REGISTRY_URL", Addresses.registry(port));
      case POSTGRES ->
          link.service().component() == Component.CDC_CONNECTOR
              ? Map.of("DB_HOST", "127.0.0.1", "DB_PORT", Integer.toString(port))
              : Map.of("LAKE_CATALOG_URI", EmbeddedDatabase.url(port, Addresses.LAKE));
      default -> throw new IllegalStateException("no service talks to " + link.to().id());
    };
  }

  /** The cable between two processes. */
  TcpProxy between(String service, String server) {
    return proxy(new Link(Member.of(service), Member.of(server).component()));
  }

  private TcpProxy proxy(Link link) {
    return Objects.requireNonNull(
        proxies.get(link),
        () -> "no cable between " + link.service().id() + " and " + link.to().id());
  }

  @Override
  public void close() {
    proxies.values().forEach(TcpProxy::close);
  }
}

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

  /**
   * Cables of every service, all whole.
   *
   * @param lake where the stack keeps it
   */
  static Networks of(Ports ports, LakePlace lake) {
    Networks networks = new Networks();
    for (Member member : Member.values()) {
      if (member.isService()) {
        networks.connect(member, ports, lake);
      }
    }
    return networks;
  }

  /** No cables: services talk directly. */
  static Networks none() {
    return new Networks();
  }

  private void connect(Member service, Ports ports, LakePlace lake) {
    for (Component to : ends(service, lake)) {
      int target = to == Component.KAFKA ? ports.ofBrokerFor(service) : ports.of(to);
      proxies.put(new Link(service, to), new TcpProxy(target));
    }
    brokerPorts.put(service, ports.ofBrokerFor(service));
  }

  private static Set<Component> ends(Member service, LakePlace lake) {
    Set<Component> ends = EnumSet.of(Component.KAFKA, Component.REGISTRY);
    if (service.component() == Component.CDC_CONNECTOR) {
      ends.add(Component.POSTGRES);
    } else if (service.component() == Component.SINK_SERVICE) {
      ends.add(lake == LakePlace.S3 ? Component.REST_CATALOG : Component.POSTGRES);
      if (lake == LakePlace.S3) {
        ends.add(Component.OBJECT_STORE);
      }
    }
    return ends;
  }

  /**
   * Where the catalog tells its clients that the object store is: a catalog tells all the same, so
   * the cable of the first sink is everybody's.
   */
  int objectStore(Ports ports) {
    TcpProxy cable =
        proxies.get(new Link(Member.of(Component.SINK_SERVICE), Component.OBJECT_STORE));
    return cable == null ? ports.of(Component.OBJECT_STORE) : cable.port();
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
      case REST_CATALOG -> Map.of("LAKE_CATALOG_URI", Addresses.catalog(port));
      case OBJECT_STORE -> Map.of();
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

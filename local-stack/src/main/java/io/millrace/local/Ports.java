package io.millrace.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** One loopback port per process: the asked one, else a free one. */
final class Ports {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final Map<Member, Integer> ports;
  private final Map<Member, Integer> broker;
  private final int controller;
  private final int registryManagement;

  private Ports(
      Map<Member, Integer> ports,
      Map<Member, Integer> broker,
      int controller,
      int registryManagement) {
    this.ports = new ConcurrentHashMap<>(ports);
    this.broker = broker;
    this.controller = controller;
    this.registryManagement = registryManagement;
  }

  /**
   * Chooses the ports.
   *
   * @param asked ports by process name
   * @throws StackException if an asked port is in use, or names no process
   */
  static Ports choose(Map<String, Integer> asked) {
    Map<Member, Integer> ports = new HashMap<>();
    asked.forEach((id, port) -> ports.put(member(id), unused(id, port)));
    try (FreePorts free = new FreePorts()) {
      for (Member member : Member.values()) {
        ports.computeIfAbsent(member, absent -> free.next());
      }
      Map<Member, Integer> broker = new HashMap<>();
      for (Member member : Member.values()) {
        broker.put(member, free.next());
      }
      return new Ports(ports, broker, free.next(), free.next());
    }
  }

  int of(Component component) {
    return of(Member.of(component));
  }

  /** Of the connector of a named source, too, which gets its port when it is asked for. */
  int of(Member member) {
    return ports.computeIfAbsent(
        member,
        absent -> {
          try (FreePorts free = new FreePorts()) {
            return free.next();
          }
        });
  }

  /** Port on which the broker listens for one service alone, when it does. */
  int ofBrokerFor(Member service) {
    return Objects.requireNonNull(broker.get(service));
  }

  /** Port on which the broker's controller listens. */
  int controller() {
    return controller;
  }

  /** Port of the registry's management interface, which cannot be switched off. */
  int registryManagement() {
    return registryManagement;
  }

  private static Member member(String id) {
    try {
      return Member.of(id);
    } catch (IllegalArgumentException e) {
      throw new StackException("--port " + id + ": " + e.getMessage(), e);
    }
  }

  private static int unused(String id, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(LOOPBACK, port));
      return port;
    } catch (IOException e) {
      throw new StackException(
          "port %d of %s is in use; choose another, or leave --port out for a free one"
              .formatted(port, id),
          e);
    }
  }

  /** Keeps every port it gave bound until all are given, so that none is given twice. */
  private static final class FreePorts implements AutoCloseable {
    private final List<ServerSocket> sockets = new ArrayList<>();

    int next() {
      try {
        ServerSocket socket = new ServerSocket(0, 1, LOOPBACK);
        sockets.add(socket);
        return socket.getLocalPort();
      } catch (IOException e) {
        throw new UncheckedIOException("no loopback port is free", e);
      }
    }

    @Override
    public void close() {
      for (ServerSocket socket : sockets) {
        try {
          socket.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }
}

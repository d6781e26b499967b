package io.millrace.local;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/** Settings of the one broker: a single KRaft node that starts fast and stays small. */
final class BrokerSettings {
  /** Fixed, so that a broker finds its storage again. */
  static final String CLUSTER_ID = "bWlsbHJhY2UtbG9jYWwtMQ";

  /**
   * A further listener.
   *
   * @param port on which the broker listens
   * @param advertised port at which clients of this listener are told to find the broker
   */
  record Listener(int port, int advertised) {}

  private static final int MEBIBYTE = 1024 * 1024;
  private static final Set<String> LISTENERS =
      Set.of("listeners", "advertised.listeners", "listener.security.protocol.map");

  private BrokerSettings() {}

  /**
   * Writes them to {@code file}.
   *
   * @param more over these; lists of listeners are continued
   */
  static void write(
      Path file,
      Path data,
      int port,
      int controllerPort,
      List<Listener> further,
      Map<String, String> more)
      throws IOException {
    Properties properties = new Properties();
    listeners(properties, port, controllerPort);
    for (int i = 0; i < further.size(); i++) {
      listener(properties, "LINK" + i, further.get(i));
    }
    singleNode(properties);
    small(properties);
    properties.setProperty("log.dirs", data.toString());
    properties.setProperty("auto.create.topics.enable", "false");
    // one source transaction is one Kafka transaction, however long its snapshot takes
    properties.setProperty(
        "transaction.max.timeout.ms", Long.toString(Duration.ofHours(2).toMillis()));
    properties.setProperty("group.initial.rebalance.delay.ms", "0");
    more.forEach(
        (name, value) -> {
          if (LISTENERS.contains(name)) {
            append(properties, name, value);
          } else {
            properties.setProperty(name, value);
          }
        });
    try (OutputStream out = Files.newOutputStream(file)) {
      properties.store(out, null);
    }
  }

  private static void listeners(Properties properties, int port, int controllerPort) {
    properties.setProperty("process.roles", "broker,controller");
    properties.setProperty("node.id", "1");
    properties.setProperty("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    properties.setProperty(
        "listeners",
        "PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d".formatted(port, controllerPort));
    properties.setProperty("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
    properties.setProperty("controller.listener.names", "CONTROLLER");
    properties.setProperty(
        "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
  }

  private static void listener(Properties properties, String name, Listener listener) {
    append(properties, "listeners", name + "://127.0.0.1:" + listener.port());
    append(properties, "advertised.listeners", name + "://127.0.0.1:" + listener.advertised());
    append(properties, "listener.security.protocol.map", name + ":PLAINTEXT");
    // each listener has network threads of its own
    properties.setProperty(
        "listener.name." + name.toLowerCase(Locale.ROOT) + ".num.network.threads", "1");
  }

  private static void append(Properties properties, String name, String value) {
    properties.setProperty(name, properties.getProperty(name) + "," + value);
  }

  private static void singleNode(Properties properties) {
    properties.setProperty("offsets.topic.replication.factor", "1");
    properties.setProperty("transaction.state.log.replication.factor", "1");
    properties.setProperty("transaction.state.log.min.isr", "1");
    properties.setProperty("share.coordinator.state.topic.replication.factor", "1");
    properties.setProperty("share.coordinator.state.topic.min.isr", "1");
    properties.setProperty("min.insync.replicas", "1");
  }

  private static void small(Properties properties) {
    properties.setProperty("offsets.topic.num.partitions", "4");
    properties.setProperty("transaction.state.log.num.partitions", "4");
    properties.setProperty("num.network.threads", "2");
    properties.setProperty("num.io.threads", "4");
    properties.setProperty("background.threads", "2");
    properties.setProperty("num.recovery.threads.per.data.dir", "2");
    // the default, 128 MiB, would not leave room for anything else in this heap
    properties.setProperty("log.cleaner.dedupe.buffer.size", Integer.toString(16 * MEBIBYTE));
    properties.setProperty("log.segment.bytes", Integer.toString(128 * MEBIBYTE));
  }
}

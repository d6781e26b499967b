package io.millrace.runtime.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;

/**
 * A real broker, one KRaft node on 127.0.0.1, in a process of its own. The module that uses it has
 * {@code org.apache.kafka:kafka_2.13} on its test class path.
 */
public final class KafkaBroker implements AutoCloseable {
  private final Path directory;
  private final Path settings;
  private final int port;
  private ServerProcess process;

  /**
   * Starts a broker and waits until it accepts connections.
   *
   * @param directory for its data and log; JUnit's {@code @TempDir}
   */
  public static KafkaBroker start(Path directory) {
    return start(directory, Map.of());
  }

  /** Starts a broker with more settings, as of {@code server.properties}. */
  public static KafkaBroker start(Path directory, Map<String, String> more) {
    int port = ServerProcess.freePort();
    Path settings = directory.resolve("server.properties");
    try {
      Files.createDirectories(directory);
      try (OutputStream out = Files.newOutputStream(settings)) {
        properties(directory, port, more).store(out, null);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String[] format = {
      "format", "--config", settings.toString(), "--cluster-id", Uuid.randomUuid().toString()
    };
    int status = StorageTool.execute(format, new PrintStream(OutputStream.nullOutputStream()));
    if (status != 0) {
      throw new IllegalStateException("formatting the broker's storage failed with " + status);
    }
    return new KafkaBroker(directory, settings, port);
  }

  private KafkaBroker(Path directory, Path settings, int port) {
    this.directory = directory;
    this.settings = settings;
    this.port = port;
    this.process = launch();
  }

  private ServerProcess launch() {
    ServerProcess started =
        ServerProcess.start(
            "broker",
            directory,
            List.of(
                "-Xmx512m", "-cp", ServerProcess.classPath(), "kafka.Kafka", settings.toString()),
            Map.of());
    started.await(() -> ServerProcess.listens(port));
    return started;
  }

  private static Properties properties(Path directory, int port, Map<String, String> more) {
    int controller = ServerProcess.freePort();
    Properties all = new Properties();
    all.put("process.roles", "broker,controller");
    all.put("node.id", "1");
    all.put("controller.quorum.voters", "1@127.0.0.1:" + controller);
    all.put("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controller);
    all.put("controller.listener.names", "CONTROLLER");
    all.put("log.dirs", directory.resolve("data").toString());
    all.put("auto.create.topics.enable", "false");
    all.put("group.initial.rebalance.delay.ms", "0");
    all.put("group.min.session.timeout.ms", "1000");
    all.put("offsets.topic.replication.factor", "1");
    all.put("offsets.topic.num.partitions", "4");
    all.put("transaction.state.log.replication.factor", "1");
    all.put("transaction.state.log.min.isr", "1");
    all.put("transaction.state.log.num.partitions", "4");
    all.put("share.coordinator.state.topic.replication.factor", "1");
    all.put("share.coordinator.state.topic.min.isr", "1");
    all.put("log.cleaner.dedupe.buffer.size", String.valueOf(16 << 20));
    all.put("num.network.threads", "2");
    all.put("num.io.threads", "4");
    all.putAll(more);
    return all;
  }

  /** {@code bootstrap.servers} of clients. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /** Ends the broker at once, as a crash would; {@link #restart} brings it back. */
  public void kill() {
    process.kill();
  }

  /** Starts the broker again on its old port and data. */
  public void restart() {
    process.close();
    process = launch();
  }

  @Override
  public void close() {
    process.kill();
    process.close();
  }
}

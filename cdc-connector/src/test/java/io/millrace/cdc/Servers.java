package io.millrace.cdc;

import io.millrace.runtime.testing.KafkaBroker;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One PostgreSQL and one broker for all tests of the module, but those that are {@link Alone} with
 * theirs; each test has its own database.
 */
final class Servers implements AutoCloseable {
  private final Path directory;
  private final int port;
  private EmbeddedPostgres postgres;
  private final KafkaBroker broker;
  private final AtomicInteger pipelines = new AtomicInteger();

  private Servers() throws IOException {
    this.directory = Files.createTempDirectory("cdc-it");
    this.port = freePort();
    this.postgres = launch();
    this.broker =
        KafkaBroker.start(
            directory.resolve("kafka"),
            Map.of("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500"));
  }

  private EmbeddedPostgres launch() throws IOException {
    return EmbeddedPostgres.builder()
        .setDataDirectory(data())
        .setCleanDataDirectory(false)
        .setPort(port)
        .setServerConfig("wal_level", "logical")
        .setServerConfig("max_replication_slots", "100")
        .setServerConfig("max_wal_senders", "100")
        .setServerConfig("listen_addresses", "127.0.0.1")
        // There is no archive: a recovery ends where the log ends.
        .setServerConfig("restore_command", "false")
        // A crash may not take back what it has acknowledged.
        .setServerConfig("synchronous_commit", "on")
        .start();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Path data() {
    return directory.resolve("postgres");
  }

  EmbeddedPostgres postgres() {
    return postgres;
  }

  /** Ends PostgreSQL as a crash would; {@link #startPostgres} brings it back. */
  void killPostgres() {
    try {
      long pid = Long.parseLong(Files.readAllLines(data().resolve("postmaster.pid")).getFirst());
      ProcessHandle server = ProcessHandle.of(pid).orElseThrow();
      List<ProcessHandle> all = Stream.concat(Stream.of(server), server.descendants()).toList();
      all.forEach(ProcessHandle::destroyForcibly);
      all.forEach(process -> process.onExit().join());
      postgres.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts PostgreSQL on its old port and data. */
  void startPostgres() {
    try {
      postgres = launch();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Copies the files of PostgreSQL, which is not running. */
  void backUp() {
    copy(data(), backup());
  }

  /** Puts the copy in the place of PostgreSQL's files, which is not running. */
  void restore() {
    delete(data());
    copy(backup(), data());
    delete(backup());
  }

  /** Lets PostgreSQL, which is not running, start as a restored or promoted server does. */
  void branchOff() {
    try {
      Files.createFile(data().resolve("recovery.signal"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path backup() {
    return directory.resolve("backup");
  }

  private static void copy(Path from, Path to) {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  KafkaBroker broker() {
    return broker;
  }

  Path directory() {
    return directory;
  }

  /** A name that no other test has. */
  String nextName() {
    return "p" + pipelines.incrementAndGet();
  }

  @Override
  public void close() throws IOException {
    broker.close();
    postgres.close();
  }

  /** For tests that stop the servers. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.TYPE)
  @interface Alone {}

  /** Gives tests the servers. */
  static final class Extension implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == Servers.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      Class<?> test = context.getRequiredTestClass();
      return context
          .getRoot()
          .getStore(ExtensionContext.Namespace.GLOBAL)
          .computeIfAbsent(
              test.isAnnotationPresent(Alone.class) ? test : Servers.class,
              owner -> start(),
              Servers.class);
    }

    private static Servers start() {
      try {
        return new Servers();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

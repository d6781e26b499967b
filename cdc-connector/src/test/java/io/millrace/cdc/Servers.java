package io.millrace.cdc;

import io.millrace.runtime.testing.KafkaBroker;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One PostgreSQL and one broker for all tests of the module; each test has its own database. */
final class Servers implements AutoCloseable {
  private final Path directory;
  private final EmbeddedPostgres postgres;
  private final KafkaBroker broker;
  private final AtomicInteger pipelines = new AtomicInteger();

  private Servers() throws IOException {
    this.directory = Files.createTempDirectory("cdc-it");
    this.postgres =
        EmbeddedPostgres.builder()
            .setServerConfig("wal_level", "logical")
            .setServerConfig("max_replication_slots", "40")
            .setServerConfig("max_wal_senders", "40")
            .setServerConfig("listen_addresses", "127.0.0.1")
            .start();
    this.broker = KafkaBroker.start(directory.resolve("kafka"));
  }

  EmbeddedPostgres postgres() {
    return postgres;
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

  /** Gives tests the servers. */
  static final class Extension implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == Servers.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(ExtensionContext.Namespace.GLOBAL)
          .computeIfAbsent(Servers.class, type -> start(), Servers.class);
    }

    private static Servers start() {
      try {
        return new Servers();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}

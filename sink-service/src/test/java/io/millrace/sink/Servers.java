package io.millrace.sink;

import io.millrace.runtime.testing.KafkaBroker;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One broker and one PostgreSQL for all tests of a run; each test has its own names in them. */
public final class Servers implements ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(Servers.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Running.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(Running.class, any -> Running.start(), Running.class);
  }

  /** The servers. */
  public static final class Running implements AutoCloseable {
    private final Path directory;
    private final KafkaBroker broker;
    private final EmbeddedPostgres postgres;
    private final AtomicInteger names = new AtomicInteger();
    private @Nullable RemoteLake remoteLake;

    private Running(Path directory, KafkaBroker broker, EmbeddedPostgres postgres) {
      this.directory = directory;
      this.broker = broker;
      this.postgres = postgres;
    }

    static Running start() {
      try {
        Path directory = Files.createTempDirectory("millrace-sink");
        return new Running(
            directory,
            KafkaBroker.start(directory.resolve("broker")),
            EmbeddedPostgres.builder()
                .setServerConfig("listen_addresses", "127.0.0.1")
                .setServerConfig("fsync", "off")
                .start());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    public KafkaBroker broker() {
      return broker;
    }

    /** A name that no other test has. */
    String newName() {
      return "p" + names.incrementAndGet();
    }

    /** Creates a database; returns its JDBC URL. */
    String newDatabase(String name) {
      try (Connection connection = postgres.getPostgresDatabase().getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE DATABASE " + name);
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
      return "jdbc:postgresql://127.0.0.1:" + postgres.getPort() + "/" + name;
    }

    /** A REST catalog and its store, for all tests that want them. */
    synchronized RemoteLake remoteLake() {
      RemoteLake running = remoteLake;
      if (running == null) {
        running = RemoteLake.start(directory.resolve("remote"), newDatabase("remote"));
        remoteLake = running;
      }
      return running;
    }

    @Override
    public void close() throws IOException {
      if (remoteLake != null) {
        remoteLake.close();
      }
      try (broker;
          postgres) {
        try (var files = Files.walk(directory)) {
          files.sorted(java.util.Comparator.reverseOrder()).forEach(Running::delete);
        }
      }
    }

    private static void delete(Path file) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        // The broker still writes; the directory is temporary.
      }
    }
  }
}

package io.millrace.cdc.binlog.testing;

import io.millrace.cdc.RunningStage;
import io.millrace.cdc.binlog.BinlogSource;
import io.millrace.cdc.binlog.UtcZone;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.runtime.testing.KafkaBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One server and one broker for all tests of a module; each test has its own database. */
public final class Servers implements AutoCloseable {
  private final ServerKind kind;
  private final Path directory;
  private final DatabaseServer database;
  private final KafkaBroker broker;
  private final AtomicInteger pipelines = new AtomicInteger();

  private Servers(ServerKind kind) {
    // As the main program does, whatever the zone the JVM starts in.
    UtcZone.set();
    this.kind = kind;
    try {
      this.directory = Files.createTempDirectory("cdc-binlog-it");
      this.database = kind.start();
      this.broker = KafkaBroker.start(directory.resolve("kafka"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ServerKind kind() {
    return kind;
  }

  /** The server that all tests share. */
  public DatabaseServer database() {
    return database;
  }

  /** A name that no other test has, of a pipeline and a database that is made. */
  public String nextName() {
    String name = "p" + pipelines.incrementAndGet();
    database.run("CREATE DATABASE " + name + " CHARACTER SET utf8mb4");
    return name;
  }

  /** A pipeline of tables of the database that has its name. */
  PipelineFile file(String name, String... tables) {
    return file(name, Map.of(), tables);
  }

  /**
   * A pipeline with settings of its own.
   *
   * @param more {@code source.config}
   */
  PipelineFile file(String name, Map<String, String> more, String... tables) {
    return file(name, database, Map.of(), more, tables);
  }

  /** The same of another server, and with a registry. */
  PipelineFile file(
      String name,
      DatabaseServer server,
      Map<String, String> registry,
      Map<String, String> more,
      String... tables) {
    return Pipelines.file(
        kind,
        name,
        server,
        Map.of("bootstrap.servers", broker.bootstrapServers()),
        registry,
        more,
        tables);
  }

  RunningStage connector(PipelineFile file, SchemaRegistry registry) {
    return new RunningStage(
        directory, file, registry, read -> new BinlogSource(kind.server(), read));
  }

  @Override
  public void close() {
    broker.close();
    database.close();
  }

  /** Gives tests the servers. */
  public abstract static class Extension implements ParameterResolver {
    private final ServerKind kind;

    /** With a server of this kind. */
    protected Extension(ServerKind kind) {
      this.kind = kind;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == Servers.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(ExtensionContext.Namespace.GLOBAL)
          .computeIfAbsent(Servers.class, type -> new Servers(kind), Servers.class);
    }
  }
}

package io.millrace.cdc.mariadb;

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

/** One MariaDB and one broker for all tests of the module; each test has its own database. */
final class Servers implements AutoCloseable {
  private final Path directory;
  private final MariaDb mariaDb;
  private final KafkaBroker broker;
  private final AtomicInteger pipelines = new AtomicInteger();

  private Servers() {
    // As the main program does, whatever the zone the JVM starts in.
    UtcZone.set();
    try {
      this.directory = Files.createTempDirectory("cdc-mariadb-it");
      this.mariaDb = MariaDb.start("--sql-mode=");
      this.broker = KafkaBroker.start(directory.resolve("kafka"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  MariaDb mariaDb() {
    return mariaDb;
  }

  /** A name that no other test has, of a pipeline and a database that is made. */
  String nextName() {
    String name = "p" + pipelines.incrementAndGet();
    mariaDb.run("CREATE DATABASE " + name + " CHARACTER SET utf8mb4");
    return name;
  }

  /** A pipeline of tables of the database that has its name. */
  PipelineFile file(String name, String... tables) {
    return file(name, mariaDb, Map.of(), Map.of(), tables);
  }

  PipelineFile file(
      String name,
      MariaDb server,
      Map<String, String> registry,
      Map<String, String> more,
      String... tables) {
    return Pipelines.file(
        name,
        server,
        Map.of("bootstrap.servers", broker.bootstrapServers()),
        registry,
        more,
        tables);
  }

  RunningStage connector(PipelineFile file, SchemaRegistry registry) {
    return new RunningStage(
        directory, file, registry, read -> new BinlogSource(new MariaDbServer(), read));
  }

  @Override
  public void close() {
    broker.close();
    mariaDb.close();
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
          .computeIfAbsent(Servers.class, type -> new Servers(), Servers.class);
    }
  }
}

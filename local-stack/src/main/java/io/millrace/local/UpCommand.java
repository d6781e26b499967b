package io.millrace.local;

import io.millrace.local.lake.TextTable;
import io.millrace.local.shop.Shop;
import io.millrace.pipeline.PipelineFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace up}. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    description = {
      "Starts the stack and keeps it until Ctrl-C (or millrace down); what ends is started again.",
      "Without --database the pipeline captures the embedded PostgreSQL, which has the tables of"
          + " the example shop. Data, offsets and the lake stay for the next up."
    },
    footer = {
      "",
      "With --database, the password comes from the environment variable PGPASSWORD. The lake's"
          + " catalog stays on the embedded PostgreSQL. The replication slot stays in your database"
          + " when the stack stops, so that the next up misses nothing; drop it when you are done."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:stopped",
      "1:a process or the database failed; a right, a setting or a port is missing",
      "2:the command line or the pipeline file is wrong",
      "130:stopped by Ctrl-C"
    })
final class UpCommand implements Callable<Integer> {
  private static final String RUN = "up";

  /** Services serve after the initial snapshot, which may be of anything. */
  private static final Duration SNAPSHOT = Duration.ofDays(7);

  private final Terminal terminal;
  @Mixin private WorkDirectory work = new WorkDirectory();
  @Mixin private LakeOption lake = new LakeOption();

  @Option(
      names = "--pipeline",
      paramLabel = "FILE",
      description = "The pipeline file (default: the example shop).")
  private @Nullable Path pipelineFile;

  @Option(
      names = "--database",
      paramLabel = "JDBC-URL",
      description = "Capture this PostgreSQL: jdbc:postgresql://host:port/database?user=NAME.")
  private @Nullable String database;

  @Option(
      names = "--port",
      paramLabel = "PROCESS=PORT",
      description = "Let a process listen on this port, as --port kafka=9092 (default: free ones).")
  private Map<String, Integer> ports = new LinkedHashMap<>();

  @Option(names = "--fresh", description = "First remove what an earlier up has left.")
  private boolean fresh;

  UpCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    work.claim(terminal);
    if (fresh) {
      work.clear(RUN);
    }
    try (LocalStack stack = new LocalStack(settings(), terminal::line)) {
      PipelineFile pipeline = stack.pipeline();
      stack.publishTo(work.path());
      if (database != null) {
        new Preconditions(pipeline).check(stack);
      }
      stack.startInfrastructure();
      if (database == null) {
        new Preconditions(pipeline).check(stack);
      }
      stack.startServices(SNAPSHOT);
      stack.supervise(terminal::error);
      print(stack);
      new CountDownLatch(1).await();
    }
    return 0;
  }

  private StackSettings settings() {
    StackSettings settings =
        new StackSettings(work.run(RUN), existingPipelineFile())
            .withPorts(ports)
            .withLake(lake.place())
            .withSeed(Shop::createTables);
    return database == null
        ? settings
        : settings.withDatabase(SourceDatabase.of(database, System.getenv()));
  }

  private Path existingPipelineFile() {
    if (pipelineFile == null) {
      return Shop.writePipelineFile(work.run(RUN).resolve("pipeline.yaml"));
    }
    if (!Files.isRegularFile(pipelineFile)) {
      throw new StackException("there is no pipeline file " + pipelineFile.toAbsolutePath());
    }
    return pipelineFile;
  }

  private void print(LocalStack stack) {
    Endpoints endpoints = stack.endpoints();
    TextTable table = new TextTable(List.of("what", "where"));
    endpoints.addresses().forEach((name, address) -> table.add(List.of(name, address)));
    table.add(List.of("logs", endpoints.runDirectory().resolve("logs")));
    terminal.line("");
    table.print(terminal.out());
    terminal.line("");
    terminal.line("pipeline " + endpoints.pipeline() + " runs; Ctrl-C stops it. Elsewhere:");
    terminal.line("  millrace status    millrace query \"SELECT ...\"    millrace reconcile");
  }
}

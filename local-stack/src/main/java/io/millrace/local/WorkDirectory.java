package io.millrace.local;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.PipelineFileReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** The option that says where stacks keep their files; a stack is found by it. */
final class WorkDirectory {
  @Option(
      names = "--work-dir",
      defaultValue = ".millrace",
      paramLabel = "DIR",
      description = "Where stacks keep data, logs and endpoints.json (default: ${DEFAULT-VALUE}).")
  private Path directory = Path.of(".millrace");

  Path path() {
    return directory.toAbsolutePath().normalize();
  }

  /** The directory of a run. */
  Path run(String name) {
    return path().resolve(name);
  }

  /** Removes a run's files. */
  void clear(String run) {
    Path root = run(run);
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot clear " + root, e);
    }
  }

  /** Removes a run's files but for its logs. */
  void clearData(String run) {
    for (String part : List.of("postgres", "kafka", "state", "warehouse")) {
      clear(run + "/" + part);
    }
  }

  /**
   * Makes sure that no stack runs here; what an ended command left behind is stopped.
   *
   * @throws StackException if a command holds a stack
   */
  void claim(Terminal terminal) {
    Endpoints.read(path())
        .ifPresent(
            endpoints -> {
              var supervisor = endpoints.processes().get(Endpoints.SUPERVISOR);
              if (supervisor != null && supervisor.running().isPresent()) {
                throw new StackException(
                    "a stack runs here already (process %d, %s); stop it first: millrace down"
                        .formatted(supervisor.pid(), path().resolve(Endpoints.FILE)));
              }
              if (new Shutdown(endpoints).run()) {
                terminal.line("stopped what an earlier stack had left running");
              }
              Endpoints.delete(path());
            });
  }

  /**
   * The stack that runs here.
   *
   * @throws StackException if none does
   */
  Endpoints running() {
    return Endpoints.read(path())
        .filter(
            endpoints ->
                endpoints.processes().values().stream()
                    .anyMatch(process -> process.running().isPresent()))
        .orElseThrow(
            () ->
                new StackException(
                    "no stack runs here (%s); start one with millrace up, or name its --work-dir"
                        .formatted(path().resolve(Endpoints.FILE))));
  }

  /** The pipeline of the stack that runs here, with the addresses that it runs with. */
  PipelineFile pipeline() {
    Endpoints endpoints = running();
    Map<String, String> environment = new HashMap<>(System.getenv());
    if (environment.containsKey("PGPASSWORD")) {
      environment.put("DB_PASSWORD", environment.get("PGPASSWORD"));
    }
    environment.putAll(endpoints.environment());
    return PipelineFileReader.read(Path.of(endpoints.pipelineFile()), environment);
  }
}

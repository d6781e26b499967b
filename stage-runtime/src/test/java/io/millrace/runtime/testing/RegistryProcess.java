package io.millrace.runtime.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A real Apicurio Registry on 127.0.0.1 with its storage in memory, in a process of its own. The
 * build of {@code stage-runtime} unpacks it; tests of its sibling modules find it there.
 */
public final class RegistryProcess implements AutoCloseable {
  private final Path directory;
  private final int port;
  private ServerProcess process;

  /**
   * Starts a registry and waits until it answers.
   *
   * @param directory for its log; JUnit's {@code @TempDir}
   */
  public static RegistryProcess start(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new RegistryProcess(directory, ServerProcess.freePort());
  }

  private RegistryProcess(Path directory, int port) {
    this.directory = directory;
    this.port = port;
    this.process = launch();
  }

  private ServerProcess launch() {
    ServerProcess started =
        ServerProcess.start(
            "registry",
            directory,
            List.of("-Xmx256m", "-jar", program().toString()),
            Map.of(
                "QUARKUS_HTTP_HOST",
                "127.0.0.1",
                "QUARKUS_HTTP_PORT",
                String.valueOf(port),
                "QUARKUS_MANAGEMENT_HOST",
                "127.0.0.1",
                "QUARKUS_MANAGEMENT_PORT",
                String.valueOf(ServerProcess.freePort())));
    try (HttpClient client = HttpClient.newHttpClient()) {
      started.await(() -> answers(client));
    }
    return started;
  }

  private static Path program() {
    return Stream.of("target", "../stage-runtime/target")
        .map(target -> Path.of(target, "apicurio-registry", "quarkus-run.jar").toAbsolutePath())
        .filter(Files::exists)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "Apicurio Registry is not unpacked: build stage-runtime first"
                        + " (mvn install -pl stage-runtime)"));
  }

  private boolean answers(HttpClient client) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + "/subjects"))
            .timeout(Duration.ofSeconds(5))
            .build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** {@code registry.url} of a pipeline file. */
  public String url() {
    return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
  }

  /** Ends the registry at once, as a crash would, and forgets all schemas. */
  public void kill() {
    process.kill();
  }

  /** Starts an empty registry on the old port. */
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

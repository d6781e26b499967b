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

/** A service as it is deployed, a process of its own, that can be killed and started again. */
public final class ServiceProcess implements AutoCloseable {
  private final Class<?> main;
  private final Path pipelineFile;
  private final Path directory;
  private int port;
  private ServerProcess process;

  private ServiceProcess(Class<?> main, Path pipelineFile, Path directory) {
    this.main = main;
    this.pipelineFile = pipelineFile;
    this.directory = directory;
    this.process = launch();
  }

  /**
   * Starts a service; does not wait for it.
   *
   * @param directory for its state and log
   */
  public static ServiceProcess start(Class<?> main, Path pipelineFile, Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ServiceProcess(main, pipelineFile, directory);
  }

  private ServerProcess launch() {
    port = ServerProcess.freePort();
    return ServerProcess.start(
        main.getSimpleName(),
        directory,
        List.of(
            "-Xmx256m",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            ServerProcess.classPath(),
            main.getName()),
        Map.of(
            "MILLRACE_PIPELINE_FILE",
            pipelineFile.toString(),
            "MILLRACE_STATE_DIR",
            directory.resolve("state").toString(),
            "MILLRACE_HTTP_PORT",
            String.valueOf(port)));
  }

  /** Waits until it says that it serves. */
  public void awaitReady() {
    try (HttpClient client = HttpClient.newHttpClient()) {
      process.await(() -> get(client, "/health/readiness") == 200);
    }
  }

  private int get(HttpClient client, String path) {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
              .timeout(Duration.ofSeconds(5))
              .build();
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return -1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  /** What it logged, over all its starts. */
  public String logged() {
    return process.logged();
  }

  /** Waits for its end; its exit status. */
  public int awaitExit() {
    return process.awaitExit();
  }

  /** Ends it at once, as a crash would; {@link #restart} brings it back. */
  public void kill() {
    process.kill();
  }

  /** Starts it again on its old state. */
  public void restart() {
    process.close();
    process = launch();
  }

  @Override
  public void close() {
    process.close();
  }
}

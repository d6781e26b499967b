package io.millrace.cdc;

import static org.awaitility.Awaitility.await;

import io.millrace.pipeline.PipelineFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The service as a process of its own, to be killed. */
public final class ConnectorProcess implements AutoCloseable {
  private static final String TOKEN = "of-this-test";
  private static final Pattern LISTENS = Pattern.compile("HTTP listens on 127.0.0.1:(\\d+)");

  private final Process process;
  private final Path log;

  private ConnectorProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  static ConnectorProcess start(PipelineFile file, Path directory) {
    return start(CdcConnector.class.getName(), file, directory);
  }

  /** Starts a connector by its main program. */
  public static ConnectorProcess start(String program, PipelineFile file, Path directory) {
    try {
      Files.createDirectories(directory);
      Path yaml = directory.resolve("pipeline.yaml");
      Files.writeString(yaml, yaml(file));
      Path log = Files.createTempFile(directory, "connector", ".log");
      ProcessBuilder builder =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx256m",
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              "-cp",
              System.getProperty(
                  "surefire.test.class.path", System.getProperty("java.class.path", "")),
              program,
              yaml.toString());
      builder.environment().put("MILLRACE_HTTP_PORT", "0");
      builder.environment().put("MILLRACE_HTTP_TOKEN", TOKEN);
      builder.environment().put("MILLRACE_STATE_DIR", directory.resolve("state").toString());
      builder.redirectErrorStream(true);
      builder.redirectOutput(log.toFile());
      Process process = builder.start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      return new ConnectorProcess(process, log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String yaml(PipelineFile file) {
    Stream<String> config =
        file.source().config().entrySet().stream()
            .map(entry -> "%s: \"%s\"".formatted(entry.getKey(), entry.getValue()));
    Stream<String> tables =
        file.source().tables().values().stream()
            .map(table -> "    %s: {from: %s}".formatted(table.name(), table.from()));
    return """
    pipeline: %s
    kafka: {bootstrap.servers: "%s"}
    registry: {url: "%s"}
    topics: {partitions: 2, replication_factor: 1}
    source:
      connector: %s
      config: {%s}
      tables:
    %s
    lake:
      catalog: {type: jdbc, uri: "jdbc:postgresql://127.0.0.1/none", warehouse: "file:///none"}
    """
        .formatted(
            file.pipeline(),
            file.kafka().get("bootstrap.servers"),
            file.registry().get("url"),
            file.source().connector(),
            config.collect(Collectors.joining(", ")),
            tables.collect(Collectors.joining("\n")));
  }

  /** Ends it at once, as a crash would. */
  public void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** Sends SIGTERM, or waits for its own end; returns the exit status. */
  public int end(boolean terminate) {
    if (terminate) {
      process.destroy();
    }
    await().atMost(Duration.ofMinutes(3)).until(() -> !process.isAlive());
    return process.exitValue();
  }

  /** Sends a request that changes something; returns its answer. */
  HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
    return send(path, true, request -> request.POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  /** Asks for something that only the bearer of the token is shown; returns the answer. */
  HttpResponse<String> get(String path, boolean token) throws IOException, InterruptedException {
    return send(path, token, HttpRequest.Builder::GET);
  }

  private HttpResponse<String> send(
      String path, boolean token, UnaryOperator<HttpRequest.Builder> method)
      throws IOException, InterruptedException {
    Matcher port = LISTENS.matcher(logged());
    if (!port.find()) {
      throw new IllegalStateException("HTTP does not listen:\n" + logged());
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.group(1) + path))
              .header("Content-Type", "application/json");
      if (token) {
        request.header("Authorization", "Bearer " + TOKEN);
      }
      return client.send(method.apply(request).build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  /** Lets it stand still, as a machine does that swaps or is being moved. */
  void freeze() {
    signal("-STOP");
  }

  /** Lets a frozen one go on. */
  void thaw() {
    signal("-CONT");
  }

  private void signal(String signal) {
    try {
      new ProcessBuilder("kill", signal, String.valueOf(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits until it has logged {@code text}. */
  public void awaitLogged(String text) {
    awaitLogged(text, 1);
  }

  /** Waits until it has logged {@code text} so often. */
  void awaitLogged(String text, int times) {
    await()
        .alias(text)
        .atMost(Duration.ofMinutes(3))
        .until(
            () -> {
              if (!process.isAlive()) {
                throw new IllegalStateException("ended early:\n" + logged());
              }
              return logged().split(Pattern.quote(text), -1).length > times;
            });
  }

  public String logged() {
    try {
      return Files.readString(log, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public List<String> lines() {
    return logged().lines().toList();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}

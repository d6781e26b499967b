package io.millrace.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service as an operating system sees it: arguments, signals, exit status, HTTP, output. */
final class StageProcessIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;

  private final HttpClient client = HttpClient.newHttpClient();
  private final Map<String, String> environment = new HashMap<>();
  private @Nullable Process process;
  private Path file = Path.of("idle-pipeline.yaml");

  @BeforeEach
  void pipelineFile() throws Exception {
    file = Path.of(StageProcessIT.class.getResource("/idle-pipeline.yaml").toURI());
    environment.put("MILLRACE_PIPELINE_FILE", file.toString());
    environment.put("MILLRACE_STATE_DIR", directory.resolve("state").toString());
    environment.put("MILLRACE_HTTP_PORT", "0");
  }

  @AfterEach
  void end() {
    if (process != null) {
      process.destroyForcibly();
    }
    client.close();
  }

  /** A process takes long to start where others start, too. */
  private static ConditionFactory patiently() {
    return await().atMost(Duration.ofMinutes(2));
  }

  @Test
  void servesHealthMetricsAndTopologyAndStopsCleanlyOnSigterm() throws Exception {
    // given
    start();
    int port = port();

    // when
    patiently().until(() -> get(port, "/health/readiness").statusCode() == 200);

    // then
    assertThat(get(port, "/health/liveness").statusCode()).isEqualTo(200);
    assertThat(get(port, "/health/readiness").body()).contains("SERVING");
    assertThat(get(port, "/topology").body()).isEqualTo("Topologies: none\n");
    assertThat(get(port, "/prometheus").body())
        .contains("millrace_records_in_total{topic=\"shop.cdc.orders\"} 3.0")
        .contains("millrace_stage_ready 1.0")
        .contains("jvm_memory_used_bytes", "jvm_gc_", "process_cpu_usage");
    assertThat(get(port, "/").body())
        .contains("<title>idle: serving</title>")
        .contains("topic=&quot;shop.cdc.orders&quot;</td><td>3</td>");
    for (String other : List.of("/beans", "/env", "/loggers", "/metrics", "/refresh", "/info")) {
      assertThat(get(port, other).statusCode()).as(other).isEqualTo(404);
    }

    assertThat(post(port, "/topology", "anything"))
        .satisfies(
            refused -> {
              assertThat(refused.statusCode()).isEqualTo(403);
              assertThat(refused.body()).contains("MILLRACE_HTTP_TOKEN");
            });

    // when
    running().destroy();

    // then
    assertThat(exit()).isEqualTo(143);
    assertThat(IdleStage.closedMark(directory.resolve("state"))).exists();
  }

  @Test
  void onlyTheBearerOfTheTokenMayChangeAnything() throws Exception {
    // given
    environment.put("MILLRACE_HTTP_TOKEN", "of-this-run");
    start();
    int port = port();
    patiently().until(() -> get(port, "/health/readiness").statusCode() == 200);

    // when, then: who may finds that there is nothing to change here
    assertThat(post(port, "/topology", "of-another-run").statusCode()).isEqualTo(401);
    assertThat(post(port, "/topology", "of-this-run").statusCode()).isEqualTo(405);
  }

  @Test
  void logsJsonWithPipelineAndStageAndNoStackTraces() throws Exception {
    // given
    start();
    patiently()
        .until(
            () -> log().stream().anyMatch(line -> line.path("message").asText().equals("Started")));

    // when
    List<JsonNode> lines = log();

    // then
    assertThat(lines)
        .isNotEmpty()
        .allSatisfy(
            line -> {
              assertThat(line.path("pipeline").asText()).isEqualTo("shop");
              assertThat(line.path("stage").asText()).isEqualTo("idle");
              for (String key : List.of("@timestamp", "level", "logger", "thread", "message")) {
                assertThat(line.has(key)).as(key).isTrue();
              }
            });
    assertThat(lines)
        .filteredOn(line -> line.path("message").asText().equals("A problem"))
        .singleElement()
        .satisfies(
            line ->
                assertThat(line.path("error").asText())
                    .isEqualTo("java.lang.IllegalStateException: what happened"));
  }

  @Test
  void isLiveButNotReadyWhileItStartsAndStopsMeanwhile() throws Exception {
    // given
    environment.put("IDLE_STAGE", "blocks");
    start();
    int port = port();

    // when
    patiently().until(() -> get(port, "/health/liveness").statusCode() == 200);

    // then
    assertThat(get(port, "/health/readiness").statusCode()).isEqualTo(503);

    // when
    running().destroy();

    // then
    assertThat(exit()).isEqualTo(143);
    assertThat(IdleStage.closedMark(directory.resolve("state"))).exists();
  }

  @Test
  void aStageThatCannotStartIsOneMessage() throws Exception {
    // given
    environment.put("IDLE_STAGE", "fails");

    // when
    start();

    // then
    assertThat(exit()).isEqualTo(1);
    assertThat(error()).containsExactly("idle: the table is gone: bring it back");
  }

  @Test
  void aFatalProblemClosesTheStageAndIsOneMessage() throws Exception {
    // given
    environment.put("IDLE_STAGE", "fatal");

    // when
    start();

    // then
    assertThat(exit()).isEqualTo(1);
    assertThat(error()).containsExactly("idle: lost the broker: start it");
    assertThat(IdleStage.closedMark(directory.resolve("state"))).exists();
  }

  @Test
  void aThreadWithoutMemoryEndsTheProcess() throws Exception {
    // given
    environment.put("IDLE_STAGE", "exhausted");

    // when
    start();

    // then
    assertThat(exit()).isEqualTo(1);
    assertThat(error()).containsExactly("idle: java.lang.OutOfMemoryError: Java heap space");
  }

  @Test
  void aPortInUseIsOneMessage() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // given
      environment.put("MILLRACE_HTTP_PORT", String.valueOf(taken.getLocalPort()));

      // when
      start();

      // then
      assertThat(exit()).isEqualTo(1);
      assertThat(error())
          .singleElement()
          .asString()
          .contains("HTTP port " + taken.getLocalPort(), "in use", "MILLRACE_HTTP_PORT");
    }
  }

  @Test
  void everyErrorOfABadPipelineFileIsALine() throws Exception {
    // given
    Path bad = directory.resolve("bad.yaml");
    Files.writeString(
        bad,
        Files.readString(file).replace("partitions: 2", "partitions: 0").replace("5s", "soon"));
    environment.put("MILLRACE_PIPELINE_FILE", bad.toString());

    // when
    start();

    // then
    assertThat(exit()).isEqualTo(2);
    assertThat(error())
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).startsWith(bad + ":").doesNotContain("Exception"));
  }

  @Test
  void aMissingPipelineFileIsOneMessage() throws Exception {
    // given
    environment.put("MILLRACE_PIPELINE_FILE", directory.resolve("none.yaml").toString());

    // when
    start();

    // then
    assertThat(exit()).isEqualTo(2);
    assertThat(error()).singleElement().asString().contains("none.yaml");
  }

  @Test
  void helpNamesEverySetting() throws Exception {
    // when
    start("--help");

    // then
    assertThat(exit()).isZero();
    assertThat(Files.readString(directory.resolve("out")))
        .contains(
            ProcessSettings.PIPELINE_FILE,
            ProcessSettings.STATE_DIR,
            ProcessSettings.HTTP_HOST,
            ProcessSettings.HTTP_PORT,
            ProcessSettings.STACKTRACES);
  }

  private void start(String... args) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                "io.millrace.runtime.IdleStage"));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectOutput(directory.resolve("out").toFile());
    builder.redirectError(directory.resolve("err").toFile());
    process = builder.start();
  }

  private Process running() {
    return Objects.requireNonNull(process);
  }

  private int exit() throws InterruptedException {
    assertThat(running().waitFor(60, TimeUnit.SECONDS)).isTrue();
    return running().exitValue();
  }

  private List<String> error() throws IOException {
    return Files.readAllLines(directory.resolve("err"));
  }

  private List<JsonNode> log() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(directory.resolve("out"))) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  private int port() {
    String said = "HTTP listens on 127.0.0.1:";
    return patiently()
        .atMost(Duration.ofMinutes(3))
        .until(
            () ->
                log().stream()
                    .map(line -> line.path("message").asText())
                    .filter(message -> message.startsWith(said))
                    .mapToInt(message -> Integer.parseInt(message.substring(said.length())))
                    .findFirst()
                    .orElse(0),
            found -> found > 0);
  }

  private HttpResponse<String> post(int port, String path, String token) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    return client.send(
        HttpRequest.newBuilder(uri)
            .header("Authorization", "Bearer " + token)
            .timeout(Duration.ofSeconds(10))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(int port, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    return client.send(
        HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
        HttpResponse.BodyHandlers.ofString());
  }
}

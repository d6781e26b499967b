package io.millrace.runtime.serde;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** Requests to a registry, repeated with growing pauses while it is out of reach. Thread-safe. */
final class RegistryHttp {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TYPE = "application/vnd.schemaregistry.v1+json";
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(15);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(3);

  private final RegistrySettings settings;
  private final Duration patience;
  private final HttpClient client;

  /**
   * Requests.
   *
   * @param patience how long after the first attempt a request is still repeated
   */
  RegistryHttp(RegistrySettings settings, Duration patience) {
    this.settings = settings;
    this.patience = patience;
    HttpClient.Builder builder =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT);
    settings.tls().ifPresent(builder::sslContext);
    this.client = builder.build();
  }

  /** What the registry answered; never a failure of its own (5xx) or a request to slow down. */
  record Answer(int status, String body) {
    boolean ok() {
      return status == 200;
    }

    /** The registry says that it has no such thing; a 404 of something else has no error code. */
    boolean absent() {
      return status == 404 && field("error_code").intValue() / 100 == 404;
    }

    /** The registry's own words where there are any. */
    String message() {
      return field("message").asText(body);
    }

    private JsonNode field(String name) {
      try {
        return JSON.readTree(body).path(name);
      } catch (JsonProcessingException e) {
        return MissingNode.getInstance();
      }
    }
  }

  String url() {
    return settings.url();
  }

  Answer get(String path) {
    return send(request(path).GET().build());
  }

  Answer post(String path, String body) {
    return send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build());
  }

  Answer put(String path, String body) {
    return send(request(path).PUT(HttpRequest.BodyPublishers.ofString(body)).build());
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(settings.url() + path))
            .timeout(ANSWER)
            .header("Accept", TYPE + ", application/json")
            .header("Content-Type", TYPE);
    settings.authorization().ifPresent(value -> builder.header("Authorization", value));
    return builder;
  }

  /** An answer that no repetition changes. */
  RegistryRefusedException refused(String what, Answer answer) {
    String remedy =
        switch (answer.status()) {
          case 401, 403 ->
              "; check basic.auth.user.info or bearer.auth.token under 'registry' in the file";
          default -> "; check url under 'registry' in the file";
        };
    return new RegistryRefusedException(
        "registry %s refused to %s: HTTP %d %s%s"
            .formatted(settings.url(), what, answer.status(), answer.message(), remedy),
        null);
  }

  private Answer send(HttpRequest request) {
    long start = System.nanoTime();
    Duration pause = FIRST_PAUSE;
    while (true) {
      String problem;
      IOException cause = null;
      try {
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (!passing(response.statusCode())) {
          return new Answer(response.statusCode(), response.body());
        }
        problem = "HTTP " + response.statusCode();
      } catch (SSLHandshakeException e) {
        throw new RegistryRefusedException(
            "registry %s is not trusted: %s; check ssl.truststore.* under 'registry' in the file"
                .formatted(url(), e.getMessage()),
            e);
      } catch (IOException e) {
        problem = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        cause = e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RegistryUnavailableException("interrupted while asking " + url(), e);
      }
      if (System.nanoTime() - start + pause.toNanos() > patience.toNanos()) {
        throw unavailable(request, problem, cause);
      }
      pause = sleep(pause);
    }
  }

  private static boolean passing(int status) {
    return status >= 500 || status == 429 || status == 408;
  }

  /** Sleeps; returns the next pause, twice as long. */
  Duration sleep(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryUnavailableException("interrupted while asking " + url(), e);
    }
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
  }

  private RegistryUnavailableException unavailable(
      HttpRequest request, String problem, @Nullable IOException cause) {
    return new RegistryUnavailableException(
        "registry %s did not answer %s %s for %d s: %s"
            .formatted(
                settings.url(),
                request.method(),
                request.uri().getPath(),
                patience.toSeconds(),
                problem),
        cause);
  }
}
